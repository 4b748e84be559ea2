local exectrack = require("exectrack")
local random = require("spec.support.random")

local redact = exectrack.redact

--- Asserts of each pair what redacting the first gives.
local function assert_redacted(pairs_of)
  for i = 1, #pairs_of, 2 do
    assert.equal(pairs_of[i + 1], redact(pairs_of[i]))
  end
end

--- Asserts that redacting each of these leaves it as it is.
local function assert_kept(texts)
  for _, text in ipairs(texts) do
    assert.equal(text, redact(text))
  end
end

local JWT = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9." -- of RFC 7519 and jwt.io
  .. "eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ."
  .. "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"

describe("exectrack.redact", function()
  it("leaves out tokens that are told by their form, wherever they stand", function()
    for _, token in ipairs {
      "sk-abcdEFGH1234ijklMNOP5678", -- OpenAI, Anthropic, Stripe
      "sk-proj-Ab1_cdefghijklmnopqrstuvwx",
      "sk-ant-api03-R2D2c3poR2D2c3po_x-AA",
      "sk_" .. "live_4eC39HqLyjWDarjtT1zdp7dc",
      "ghp_16C7e42F292c6912E7710c838347Ae178B4a", -- GitHub
      "gho_16C7e42F292c6912E7710c838347Ae178B4a",
      "ghs_16C7e42F292c6912E7710c838347Ae178B4a",
      "github_pat_11ABCDEFG0abcdefghijkl_mnopqrstuvwxyz",
      "glpat-1234567890abcdefghij",
      "npm_0123456789abcdefghijABCDEFGHIJ012345",
      "AIzaSyDaGmWKa4JsXZ-HjGw7ISLn_3namBGewQe", -- Google
      "AKIAIOSFODNN7EXAMPLE", -- AWS
      "ASIAIOSFODNN7EXAMPLE",
      "xox" .. "b-123456789012-abcdefABCDEF", -- Slack
      "xox" .. "p-123456789012-abcdefABCDEF",
      "hf_abcdefghijABCDEFGHIJabcdefghij0123", -- Hugging Face
      "gsk_abcdefghijABCDEFGHIJabcdefghij0123456789abcdefghij", -- Groq
      "xai-abcdefghijABCDEFGHIJabcdefghij0123456789", -- xAI
      "nvapi-abcdefghijABCDEFGHIJabcdefghij0123456789", -- NVIDIA
      "pypi-AgEIcHlwaS5vcmcCJDAxMjM0NTY3abcdefghij",
      "dop_v1_0123456789abcdef0123456789abcdef0123456789", -- DigitalOcean
      JWT,
      JWT:match("^.*%."), -- without a signature
    } do
      assert_redacted {
        token, "[redacted]",
        "use " .. token .. ", now", "use [redacted], now",
        [[{"cmd":"x\n]] .. token .. [[\n"}]], [[{"cmd":"x\n[redacted]\n"}]],
        "(" .. token .. ")" .. token, "([redacted])[redacted]",
      }
    end
  end)

  it("leaves out what follows Bearer and Basic", function()
    assert_redacted {
      "Bearer mF_9.B5f-4.1JqM", "Bearer [redacted]", -- of RFC 6750
      "bearer   abcdefghijklmnop", "bearer   [redacted]",
      "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Basic [redacted]", -- of RFC 7617
      "Basic dXNlcjpwYXNz.", "Basic dXNlcjpwYXNz.",
      "curl -H 'X: Basic dXNlcjpwYXNz'", "curl -H 'X: Basic [redacted]'",
    }
    assert_kept { "Bearer", "Bearer ", "Bearer authentication is required", "Basic",
      "Basic usage", "a basic JavaScript example", "BasicQWxhZGRpbjpvcGVu", "bearer of news" }
  end)

  it("leaves out PEM blocks, and all that follows the beginning of one without an end", function()
    local begin, ending = "-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----"
    local block = begin .. "\nMIIEpAIBAAKCAQEA\n" .. ending
    assert_redacted {
      block, "[redacted]",
      "a\n" .. block .. "\nb\n" .. block, "a\n[redacted]\nb\n[redacted]",
      [[{"key":"]] .. block:gsub("\n", "\\n") .. [[","id":1}]], [[{"key":"[redacted]","id":1}]],
      "a " .. begin .. "\nMIIEpA", "a [redacted]",
      "a " .. begin .. "\nMIIEpA\n-----END RSA", "a [redacted]",
    }
    assert_kept { "-----BEGIN-----", "----- BEGIN -----", "-----END RSA PRIVATE KEY-----" }
  end)

  it("leaves out the passwords of URLs alone", function()
    assert_redacted {
      "postgres://app:hunter2@db:5432/x", "postgres://app:[redacted]@db:5432/x",
      "git+https://u:p%40ss@host", "git+https://u:[redacted]@host",
      "redis://:p@ss@host/0", "redis://:[redacted]@host/0",
      "https://token:abc@host/?a=b", "https://token:[redacted]@host/?a=b",
      "https://u:ghp_16C7e42F292c6912E7710c838347Ae178B4a@h", "https://u:[redacted]@h",
      "https://ghp_16C7e42F292c6912E7710c838347Ae178B4a:x@h", "https://[redacted]:[redacted]@h",
      "https://h/?access_token=abc&page=2", "https://h/?access_token=[redacted]&page=2",
    }
    assert_kept { "https://example.org:8080/a@b:c", "https://user@example.org/", "a:b@c",
      "https://user:@example.org/", "https://example.org/a:b@c", "mailto:a@b.c", "file:///a:b@c" }
  end)

  it("leaves out the passwords of users that curl is given", function()
    assert_redacted {
      "curl -u bob:hunter2 https://h", "curl -u bob:[redacted] https://h",
      "curl --user 'bob:a b:c' -v", "curl --user 'bob:[redacted]' -v",
      "curl --proxy-user=bob:x; ls", "curl --proxy-user=bob:[redacted]; ls",
      [==[["curl","-u","bob:x","https://h"]]==], [==[["curl","-u","bob:[redacted]","https://h"]]==],
      [["curl -u \"bob:x\" https://h"]], [["curl -u \"bob:[redacted]\" https://h"]],
    }
    assert_kept { "curl -u bob https://h", "curl -u bob: https://h", "git push -u origin main:main",
      "sort -u", "sudo --user bob ls a:b", "sort -u -k a:b" }
  end)

  it("leaves out the values of what is named like a secret", function()
    assert_redacted {
      "mysql --password=hunter2 -u root", "mysql --password=[redacted] -u root",
      "gh --token abc123 repo", "gh --token [redacted] repo",
      [==[["--password", "hunter2", "-v"]]==], [==[["--password", "[redacted]", "-v"]]==],
      "export GITHUB_TOKEN=abc; make", "export GITHUB_TOKEN=[redacted]; make",
      "PGPASSWORD='a b' psql", "PGPASSWORD='[redacted]' psql",
      [[{"api_key": "abc", "n": 1}]], [[{"api_key": "[redacted]", "n": 1}]],
      [[{"pin": 1, "password":123456,"n":1}]], [[{"pin": 1, "password":[redacted],"n":1}]],
      [[{"password":"a\"b","n":1}]], [[{"password":"[redacted]","n":1}]],
      [[{"password":"a\\","n":1}]], [[{"password":"[redacted]","n":1}]],
      [["{\"password\":\"a\\\"b\",\"n\":1}"]], [["{\"password\":\"[redacted]\",\"n\":1}"]],
      [[{"secrets": ["a]", {"b": "}"}], "n": 1}]], [[{"secrets": [redacted], "n": 1}]],
      "client_secret: s3cr3t\nname: x", "client_secret: [redacted]\nname: x",
      "API key: abc", "API key: [redacted]",
      "{['db_password'] = 'x'}", "{['db_password'] = '[redacted]'}",
      "password => 'x', secret := y", "password => '[redacted]', secret := [redacted]",
      "password=a\\ b c", "password=[redacted] c",
      "password=\"not closed", "password=\"[redacted]",
      'password="""a\n"b" c""" d', 'password="""[redacted]""" d',
      "token = '''a", "token = '''[redacted]",
      "password=r'a b', x", "password=r'[redacted]', x",
      'token = f"a {b}" + c', 'token = f"[redacted]" + c',
      "PASSWORD=$'a\\'b c' x", "PASSWORD=$'[redacted]' x",
      [[{"code":"password=b\"a b\", 1"}]], [[{"code":"password=b\"[redacted]\", 1"}]],
      'api_key=Some(String::from("a b"))', 'api_key=Some(String::from("[redacted]"))',
      "password = ('a b')", "password = ('[redacted]')",
      "password=it's", "password=[redacted]'s", -- no string begins here
      'let token: &str = "a b";', 'let token: [redacted]";',
      "password: str = 'a b', x", "password: [redacted]', x",
      "password: a == b", "password: [redacted] == b",
      "a:\n  secret: |\n    b\n\n    c\nd: e", "a:\n  secret: [redacted]\nd: e",
      "token: >-\n  b", "token: [redacted]",
      "<user>u</user><password>a b</password>", "<user>u</user><password>[redacted]</password>",
      "a.secret=x&b=y", "a.secret=[redacted]&b=y",
    }
    assert_kept { "password", "password:", "password=", "password: \nnext: 1", "password == nil",
      "token::new()", "secret://vault/name", "the password is wrong", "max_tokens=100",
      [[{"max_tokens":100,"token_count":5}]], "author=me", "tokenizer: bpe", "primary key: id",
      "password=''", "<password></password>", "password <b>", "--token --verbose", "if token then" }
  end)

  it("leaves out headers to the end of their lines", function()
    assert_redacted {
      "GET /\r\nAuthorization: Digest a=\"b\", c=d\r\nHost: h",
      "GET /\r\nAuthorization: [redacted]\r\nHost: h",
      "Set-Cookie: a=b; Path=/\nHost: h", "Set-Cookie: [redacted]\nHost: h",
      [[curl -H "Cookie: a=b; c=d" https://h]], [[curl -H "Cookie: [redacted]" https://h]],
      [[curl -H 'Authorization: token "x"' -v]], [[curl -H 'Authorization: [redacted]' -v]],
      [["Cookie: a=b\r\nHost: h"]], [["Cookie: [redacted]\r\nHost: h"]],
      [[{"Authorization": "Custom a b", "n": 1}]], [[{"Authorization": "[redacted]", "n": 1}]],
    }
  end)

  it("tells by its words which name is that of a secret", function()
    for _, name in ipairs { "password", "PASSWORD", "passwd", "passphrase", "secret", "secrets",
      "token", "authorization", "Proxy-Authorization", "api_key", "apikey", "api-key", "apiKeys",
      "APIKey", "X-Api-Key", "access_key", "aws_secret_access_key", "private_key", "privateKey2",
      "credential", "credentials", "credsFile", "cookie", "Set-Cookie", "access_token",
      "githubToken", "GITHUB_TOKEN", "token2", "client_secret", "clientsecret", "db_password",
      "AccountKey", "auth_key", "RAILS_MASTER_KEY",
      "PGPASSWORD", "MYSQL_PWD", "SMTP_PASS", "password_hash", "SECRET_KEY_BASE" } do
      assert.equal(name .. "=[redacted]", redact(name .. "=x1"))
    end
    for _, name in ipairs { "max_tokens", "tokens", "token_count", "tokenCount", "tokenizer",
      "next_page_token", "pageToken", "ContinuationToken",
      "author", "pwd", "PWD", "pass", "key", "keys", "public_key", "primary_key", "keyboard",
      "cookie_domain", "secretary", "pass_word", "sacred", "compass", "bypass", "api", "a_p_i_key",
      "_", "-", "1" } do
      assert.equal(name .. "=x1", redact(name .. "=x1"))
    end
  end)

  it("leaves what only resembles a token", function()
    assert_kept { "", "sk-learn", "sk-folding-cube-container-x", "task-sk-1234567890abcdefghij",
      "sk-short1", "ghp_short", "AKIA", "AKIAIOSFODNN7EXAMPL", "akiaiosfodnn7example", "xoxb-1",
      "eyJhbGciOi", "eyJhbGciOi.eyJzdWIi", "eyJhbGciOi..x", "eyJ", "npm_config_registry",
      "f3b1c2d4e5f60718293a4b5c6d7e8f9012345678", -- a commit
      "123e4567-e89b-12d3-a456-426614174000" }
  end)

  it("keeps every byte that isn't part of a secret", function()
    random.seed("redact_spec")
    for _ = 1, 300 do
      local bytes = random.bytes(math.random(0, 60))
      local text = bytes .. " AKIAIOSFODNN7EXAMPLE " .. bytes
      assert.equal(redact(bytes .. " ") .. "[redacted]" .. redact(" " .. bytes), redact(text))
    end
  end)

  it("takes a string alone", function()
    assert.has_error(function() redact() end,
      "bad argument #1 to 'redact' (string expected, got no value)")
    assert.has_error(function() redact(5) end,
      "bad argument #1 to 'redact' (string expected, got number)")
  end)
end)
