"""Runs the adapters of docs/sending.md in Neovim and in nginx, against a receiver of OTLP that rejects a
data point, and is busy once.

    python3 spec/hosts/sending.py CHECKOUT MODULE

MODULE is the folder in which LuaJIT finds exectrack/core.so. In nginx it needs lua-resty-http, whose
folder `lib` is in RESTY_HTTP.
"""

import collections
import http.server
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time

SECONDS = 30
FULL = {"json": b"{}", "x-protobuf": b""}
PARTIAL = {"json": b'{"partialSuccess":{"rejectedDataPoints":"1","errorMessage":"odd"}}',
           "x-protobuf": b"\n\7\x08\1\x12\3odd"}


class Receiver(http.server.ThreadingHTTPServer):
    """Keeps the bodies of requests by the header X-Host and the path."""

    def __init__(self):
        self.bodies = collections.defaultdict(list)
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        form = self.headers["Content-Type"].split("/")[1]
        bodies = self.server.bodies[self.headers["X-Host"], self.path]
        bodies.append(body)
        if self.path == "/v1/traces" and len(bodies) == 1:
            self.answer(503, "plain", b"busy", {"Retry-After": "7"})
        else:
            self.answer(200, form, (PARTIAL if self.path == "/v1/metrics" else FULL)[form])

    def answer(self, status, form, body, headers={}):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", ("text/" if form == "plain" else "application/") + form)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def neovim(checkout, module, receiver, folder):
    environment = dict(os.environ, CHECKOUT=str(checkout), ENDPOINT=receiver.url,
                       LUA_PATH=f"{checkout}/lua/?.lua;{checkout}/lua/?/init.lua;;",
                       LUA_CPATH=f"{module}/?.so;;", XDG_DATA_HOME=str(folder))
    script = checkout / "spec/hosts/neovim_push.lua"
    subprocess.run([os.environ.get("NVIM", "nvim"), "--headless", "-u", "NONE", "-i", "NONE",
                    "-c", f"luafile {script}", "-c", "cquit"],
                   check=True, timeout=60, env=environment, stdin=subprocess.DEVNULL)
    for body in receiver.bodies["neovim", "/v1/traces"]:
        spans = json.loads(body)["resourceSpans"][0]["scopeSpans"][0]["spans"]
        assert [span["name"] for span in spans] == ["execute_tool neovim_tool"], spans


NGINX = """
load_module /usr/lib/nginx/modules/ndk_http_module.so;
load_module /usr/lib/nginx/modules/ngx_http_lua_module.so;
pid nginx.pid;
error_log error.log notice;
daemon off;
master_process off;
events {{}}
http {{
  access_log off;
  client_body_temp_path temp; proxy_temp_path temp; fastcgi_temp_path temp;
  uwsgi_temp_path temp; scgi_temp_path temp;
  lua_package_path "{checkout}/lua/?.lua;{checkout}/lua/?/init.lua;{resty}/?.lua;;";
  lua_package_cpath "{module}/?.so;;";
  init_worker_by_lua_block {{
    ngx.timer.at(0, function()
      local exectrack = require("exectrack")
      local tracker, waited = exectrack.new(10), 0
      tracker:record("nginx_tool", "success", 5)
      local adapter = dofile("{checkout}/spec/hosts/adapter.lua")
      local pusher = exectrack.push {{ endpoint = "{url}", headers = {{ ["X-Host"] = "nginx" }},
        post = adapter("{checkout}", "nginx"),
        sleep = function(seconds) waited = waited + seconds ngx.sleep(0.01) end,
        on_note = function(note) ngx.log(ngx.NOTICE, "note: ", note) end }}
      local sent, message = pusher:send(tracker:snapshot())
      ngx.log(ngx.NOTICE, "sent: ", sent, " ", message, " ", waited)
      pusher = exectrack.push {{ endpoint = "http://127.0.0.1:1",
        post = adapter("{checkout}", "nginx") }}
      ngx.log(ngx.NOTICE, "not sent: ", select(2, pusher:send(tracker:snapshot())))
    end)
  }}
}}
"""


def nginx(checkout, module, receiver, folder):
    resty = os.environ.get("RESTY_HTTP")
    if not resty:
        print("not tested: the adapter for nginx, as lua-resty-http isn't here (RESTY_HTTP)")
        return
    (folder / "nginx.conf").write_text(
        ("user root;\n" if os.getuid() == 0 else "")
        + NGINX.format(checkout=checkout, module=module, resty=resty, url=receiver.url))
    server = subprocess.Popen(["nginx", "-p", f"{folder}/", "-e", "error.log", "-c", "nginx.conf"])
    try:
        deadline, log = time.monotonic() + SECONDS, ""
        while "not sent: " not in log and time.monotonic() < deadline:
            time.sleep(0.05)
            log = (folder / "error.log").read_text() if (folder / "error.log").exists() else ""
    finally:
        server.terminate()
        server.wait()
    assert "sent: true nil 7" in log, log
    assert "note: " + receiver.url + "/v1/metrics: rejected 1 data point: odd" in log, log
    assert "not sent: http://127.0.0.1:1/v1/metrics: connection refused" in log, log
    for body in receiver.bodies["nginx", "/v1/traces"]:
        assert b"execute_tool nginx_tool" in body, body


def main():
    checkout, module = (pathlib.Path(path).resolve() for path in sys.argv[1:])
    for host in neovim, nginx:
        receiver = Receiver()
        with tempfile.TemporaryDirectory() as folder:
            host(checkout, module, receiver, pathlib.Path(folder))
        counts = {path: len(bodies) for (_, path), bodies in receiver.bodies.items()}
        assert counts in ({}, {"/v1/metrics": 1, "/v1/traces": 2}), counts
        if counts:
            print(f"tested: the adapter for {host.__name__}")


main()
