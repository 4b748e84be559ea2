local import_command = require("spec.support.import_command")
local transcript = require("spec.support.transcript")

--- A line of a log that is nobody's.
local function line(tool)
  return ('{"tool":"%s","status":"success","duration_ms":1}\n'):format(tool)
end

describe("exectrack import of several texts", function()
  local import

  before_each(function()
    import = import_command.new()
  end)

  after_each(function()
    import:remove()
  end)

  --- Imports and returns the tools of the executions, in their order, and what is said.
  local function tools(arguments)
    local stdout, stderr, code = import:shell(import.command("import -o calls.run " .. arguments))
    assert.same({ "", 0 }, { stderr, code })
    return table.concat(import:load("calls.run"):column("tool"), " "), stdout
  end

  --- Asserts that an import fails with a message.
  local function assert_error(problem, arguments, expected_code)
    local stdout, stderr, code = import:shell(import.command("import -o calls.run " .. arguments))
    assert.same({ "", "exectrack: " .. problem .. "\n", expected_code or 1 },
      { stdout, stderr, code })
  end

  --- Writes files into folders of their own.
  local function write(files)
    for name, text in pairs(files) do
      import:shell("mkdir -p " .. name:match("^(.*)/[^/]*$"))
      import:write(name, text)
    end
  end

  it("takes files in the order in which they are given", function()
    import:write("a.jsonl", line "a")
    import:write("b.csv", "tool,status\nb,ok\n")
    import:write("c", line "c")
    assert.equal("c a b", (tools "c a.jsonl b.csv"))
    assert.equal("b d c", (tools("b.csv - c <<'END'\n" .. line "d" .. "END\n")))
  end)

  it("takes the logs in a folder by their endings, the oldest first", function()
    write { ["x/a.jsonl"] = line "a", ["x/y/b.ndjson"] = line "b", ["x/y/c.csv"] = "tool,ok\nc,1\n",
      ["x/d.JSONL"] = line "d", ["x/e.txt"] = line "e", ["x/f"] = line "f",
      ["x/jsonl"] = line "g", ["x/h.jsonl.gz.txt"] = "h" }
    import:shell [[export TZ=UTC; cd x; touch -t 202601010000.01 y/c.csv
      touch -t 202601010000.02 d.JSONL a.jsonl; touch -t 202601010000.03 y/b.ndjson]]
    assert.equal("c a d b", (tools "x"))
    assert.equal("f c a d b", (tools "x/f x/"))
  end)

  it("takes a file only once", function()
    write { ["x/a.jsonl"] = line "a", ["x/b.jsonl"] = line "b" }
    import:shell("ln -s a.jsonl x/c.jsonl; ln x/b.jsonl x/d.jsonl; rm x/d.jsonl")
    assert.equal("b a", (tools "x/b.jsonl x ./x/a.jsonl"))
    assert_error("-: standard input can be read only once", "- - <x/a.jsonl")
  end)

  it("takes compressed files", function()
    write { ["x/a.jsonl"] = line "a", ["x/b.csv"] = "tool,ok\nb,1\n" }
    import:shell("export TZ=UTC; touch -t 202601010000.01 x/*; gzip x/a.jsonl x/b.csv")
    assert.equal("a b", (tools "x"))
    import:shell("mv x/a.jsonl.gz calls")
    assert.equal("a", (tools "calls"))
    import:shell("head -c 30 calls >cut")
    assert_error("cut: gzip can't decompress it: it is damaged or not complete (exit code 1)",
      "cut")
    assert_error("standard input: it is compressed: zcat FILE | exectrack import -", "- <calls")
  end)

  it("counts calls once in copies of a session, whose name is that of the older file", function()
    local text = transcript.claude("s1", 10, { "make", "git log" })
    write { ["x/b.jsonl"] = text, ["x/a.jsonl"] = text .. transcript.claude("s2", 11, { "ls" }) }
    import:shell("export TZ=UTC; touch -t 202601010000.01 x/b.jsonl")
    local names, said = tools "x"
    assert.equal("Bash:make Bash:git Bash:ls", names)
    assert.truthy(said:find("2 copies of calls left out\n", 1, true))
    assert.same({ "x/b.jsonl:1", "x/b.jsonl:3", "x/a.jsonl:5" },
      import:load("calls.run"):column("place"))
  end)

  it("leaves out what isn't an agent's log in a folder with one", function()
    write { ["x/a.jsonl"] = transcript.claude("s1", 10, { "make" }), ["x/b.jsonl"] = line "b",
      ["x/c.json"] = "{}\n", ["x/d.csv"] = "tool,ok\nd,1\n", ["x/e.json"] = "[1]" }
    import:shell("touch -t 202601010000 x/*") -- else their order may be that of their times
    local names, said = tools "x"
    assert.equal("Bash:make", names)
    assert.equal("calls.run: 1 execution of 1 tool in 1 session, 2026-01-01 10:00:00 UTC\n"
      .. "read as claude\nleft out, as they aren't agents' logs: 'b.jsonl', 'c.json', 'd.csv', "
      .. "'e.json'\n", said)
    assert_error("x/c.json:1: tool: not found: --map tool=PATH says where it is; --skip-bad skips "
      .. "lines that aren't executions", "x x/c.json") -- the one that is given isn't left out
  end)

  it("names calls by what their commands run, as it is told", function()
    import:write("a.jsonl", transcript.claude("s1", 10, { "make" }))
    import:write("b.jsonl", '{"tool":"sh","ok":true,"args":{"run":"cd x && git log"}}\n')
    assert.equal("Bash:make", (tools "a.jsonl"))
    assert.equal("Bash", (tools "a.jsonl --no-tool-from"))
    assert.equal("sh:git Bash", (tools "a.jsonl b.jsonl --tool-from run"))
    assert.equal("sh", (tools "b.jsonl"))
  end)

  it("takes the calls of models, if it is told", function()
    import:write("a.jsonl", transcript.claude("s1", 10, { "make" }))
    assert.equal("model:m Bash:make", (tools "a.jsonl --model-calls"))
    import:write("b.jsonl", line "b")
    assert_error("b.jsonl: --model-calls: only agents' logs have calls of models "
      .. "(see exectrack import --help)", "b.jsonl --model-calls", 2)
  end)

  it("names what it can't read", function()
    write { ["x/a.txt"] = "", ["y/a.jsonl"] = line "a" }
    assert_error("x: no file in it has a name that ends in .jsonl, .ndjson, .json, .csv or .traj",
      "y x")
    assert_error("none: No such file or directory", "y none")
    assert.same({ "x", "y" }, import:files())
  end)
end)
