local json = require("exectrack.json")
local random = require("spec.support.random")
local shell_command = require("exectrack.format.shell_command")

--- Asserts what each of the commands runs; the name false stands for none.
local function assert_names(expected)
  for command, name in pairs(expected) do
    assert.equal(name or nil, (shell_command.name(command)), command)
  end
end

describe("what a shell command runs", function()
  it("is its first word, without a path", function()
    assert_names {
      git = "git",
      ["  ls -la | wc"] = "ls",
      ["/usr/bin/git status"] = "git",
      ["./gradlew test"] = "gradlew",
      ["'git' log"] = "git",
      ['"/opt/my tools/run.sh" x'] = "run.sh",
      ["python -m pytest"] = "python",
      ["python3.11 x.py"] = "python3.11",
      ["g++ a.cc"] = "g++",
      ["bash run.sh"] = "bash",
      ["bash"] = "bash",
      ["apt-get install x"] = "apt-get",
      ["cat <<'EOF' > x\ngit\nEOF"] = "cat",
      ["git commit -m \"$(cat <<'EOF'\nIt's (\nEOF\n)\""] = "git",
      ["diff <(sort a) b"] = "diff",
      ["f() { git; }; f"] = "f",
    }
  end)

  it("is behind what prepares for it", function()
    assert_names {
      ["cd /x && git status"] = "git",
      ["cd '/x (y)' ; git status"] = "git",
      ["cd /x\ngit status"] = "git",
      ["set -euo pipefail; cd x && . ./env && export A=b; make"] = "make",
      ["source venv/bin/activate && pytest"] = "pytest",
      ["[ -f x ] && cat x"] = "cat",
      ["[[ -f x && -d y ]] || mkdir y"] = "mkdir",
      ["test -d x || mkdir x"] = "mkdir",
      ["# why\n\n  git status"] = "git",
      ["cd x >/dev/null 2>&1 && git log"] = "git",
    }
  end)

  it("is what prepares, if nothing is behind", function()
    assert_names {
      ["cd /x"] = "cd",
      ["cd /x &&"] = "cd",
      ["set -e; cd /x"] = "cd",
      ["test -f x"] = "test",
      ["[ -f x ]"] = false,
      ["."] = false,
    }
  end)

  it("is what other commands run", function()
    assert_names {
      ["sudo git status"] = "git",
      ["sudo -n -u root -- git status"] = "git",
      ["sudo -Eu root git status"] = "git",
      ["sudo -uroot git status"] = "git",
      ["sudo --user root git"] = "git",
      ["sudo --user=root git"] = "git",
      ["sudo A=b git"] = "git",
      ["sudo -i"] = "sudo",
      ["/usr/bin/env python x"] = "python",
      ["env -i -u A - B=c git"] = "git",
      ["env"] = "env",
      ["time -p git"] = "git",
      ["nohup git &"] = "git",
      ["timeout 10 git"] = "git",
      ["timeout -k 5 -s KILL 10s git"] = "git",
      ["timeout --signal=KILL 10 git"] = "git",
      ["timeout"] = "timeout",
      ["nice -n 5 git"] = "git",
      ["nice -5 git"] = "git",
      ["exec git"] = "git",
      ["exec 2>&1; git"] = "git",
      ["command git"] = "git",
      ["command -v git"] = "command",
      ["stdbuf -oL -e 0 git"] = "git",
      ["sudo time env A=b nohup timeout 5 git"] = "git",
      ["timeout 5; git"] = "git",
    }
  end)

  it("is what shells run", function()
    assert_names {
      ["bash -lc 'cd x && git status'"] = "git",
      ['bash -lc "cd \\"x y\\" && git status"'] = "git",
      ["sh -c git"] = "git",
      ["/bin/zsh -l -c 'git'"] = "git",
      ["bash --norc -euo pipefail -c 'git'"] = "git",
      ["bash +x -c 'git'"] = "git",
      ["sudo bash -c 'bash -c \"git status\"'"] = "git",
      ["bash -c ''"] = "bash",
      ["bash -c"] = "bash",
      ["bash -o pipefail x.sh"] = "bash",
      ["bash -c; git"] = "bash",
    }
  end)

  it("is behind variables, brackets and keywords", function()
    assert_names {
      ["A=b C='d e' git"] = "git",
      ["A=$(git rev-parse HEAD) B=\"$(x 'y)')\" make"] = "make",
      ["A=(1 2) make"] = "make",
      ["A+=x make"] = "make",
      ["A=b"] = false,
      ["(cd x && git)"] = "git",
      ["{ git; }"] = "git",
      ["! git diff"] = "git",
      ["if [ -f x ]; then git; fi"] = "git",
      ["for f in a b; do git $f; done"] = "git",
      ["while true; do git; done"] = "git",
      ["until false; do git; done"] = "false",
    }
  end)

  it("isn't there without a plain word", function()
    assert_names {
      [""] = false,
      [" \n# only this"] = false,
      ["$EDITOR x"] = false,
      ["$(which git) x"] = false,
      ["`which git` x"] = false,
      ["a$b"] = false,
      ["'a b'"] = false,
      ["ls\0"] = false,
      ["\195\164"] = false,
      ["-x"] = false,
      ["--"] = false,
      [".."] = false,
      ["+"] = false,
      ["/"] = false,
      ["''"] = false,
      ["&&"] = false,
      ["sudo $x"] = false,
      [("a"):rep(64)] = ("a"):rep(64),
      [("a"):rep(65)] = false,
    }
  end)

  it("is in arrays of words as well", function()
    for command, name in pairs {
      ['["git","status"]'] = "git",
      ['["bash","-lc","cd x && git status"]'] = "git",
      ['["bash","-lc","cd \'x (y)\' && git status"]'] = "git",
      ['["cd","x","&&","git","log"]'] = "git",
      ['["sudo","-n","/bin/ls"]'] = "ls",
      ['["git status -s"]'] = "git",
      ['["apply_patch","*** Begin Patch\\n"]'] = "apply_patch",
      ['["bash"]'] = "bash",
      ['["my tool","x"]'] = false,
      ['[1,"git"]'] = false,
      ['["env",1,"git"]'] = "env",
      ['[["git"]]'] = false,
      ['{"0":"git"}'] = false,
      ["[]"] = false,
    } do
      assert.equal(name or nil, (shell_command.name(json.decode(command))), command)
    end
  end)

  it("isn't there for other values, and no metamethod is called", function()
    local function refuse()
      error("called")
    end
    local hostile = setmetatable({}, { __index = refuse, __len = refuse, __tostring = refuse })
    for _, value in ipairs { 0, 1.5, true, false, refuse, hostile, coroutine.create(refuse) } do
      assert.is_nil(shell_command.name(value))
    end
    assert.is_nil(shell_command.name(nil))
  end)

  it("is in the first 16 KiB, and in the first 8 shells", function()
    assert.equal("git", shell_command.name((" "):rep(16381) .. "git"))
    assert.is_nil(shell_command.name((" "):rep(16384) .. "git"))
    assert.is_nil(shell_command.name(("A=b "):rep(262144)))
    local words = {}
    for i = 1, 255 do
      words[i] = "A=b"
    end
    words[256], words[257] = "env", "git"
    assert.equal("env", shell_command.name(words))
    local command = "git"
    for _ = 1, 8 do
      command = "sh -c '" .. command:gsub("'", "'\\''") .. "'"
    end
    assert.equal("git", shell_command.name(command))
    assert.equal("sh", shell_command.name("sh -c '" .. command:gsub("'", "'\\''") .. "'"))
  end)

  it("is a plain word or nil for whatever is between", function()
    local parts = { "'", '"', "$(", "${", "(", ")", "`", "\\", "\n", " ", ";", "&&", "|", "<", ">",
      "#", "sudo ", "bash -c ", "cd ", "[[ ", "for ", "do ", "git", "A=", "-u ", "\0", "\255" }
    random.seed("shell_command_spec")
    for _ = 1, 3000 do
      local command = {}
      for i = 1, math.random(12) do
        command[i] = random.pick(parts)
      end
      command = table.concat(command)
      local name = shell_command.name(command)
      assert.is_true(name == nil or name:find("^[%w_.][%w_.+-]*$") ~= nil, command)
    end
  end)
end)
