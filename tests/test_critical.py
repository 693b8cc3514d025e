import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewbot import critical
from reviewbot.critical import ALWAYS_CRITICAL_PATHS, DEFAULT_CRITICAL_PATHS, LINE_LIMIT, RULES, caught
from reviewbot.globs import Globs

# Made up of parts, so that no scanner takes them for a key.
AWS = "AKIA" + "A1B2" * 4
GITHUB = "ghp" + "_" + "aB3" * 12
PEM = "-----BEGIN RSA " + "PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("auth", "claims = jwt.decode(token, key, algorithms=['HS256'])"),
        ("auth", "    if not user.is_authenticated:"),
        ("auth", "if (user.isAdmin) {"),
        ("auth", "@login_required"),
        ("auth", "@PreAuthorize(\"hasRole('ADMIN')\")"),
        ("auth", "  skip_before_action :authenticate_user!"),
        ("auth", "[AllowAnonymous]"),
        ("auth", "def verify_token(token):"),
        ("auth", "if (!checkPassword(user, given)) return false;"),
        ("auth", "permission_classes = [AllowAny]"),
        ("crypto", "digest = hashlib.md5(data).hexdigest()"),
        ("crypto", 'Cipher c = Cipher.getInstance("AES/ECB/PKCS5Padding");'),
        ("crypto", "const hash = createHash('sha1')"),
        ("crypto", "crypto.randomBytes(16)"),
        ("crypto", '\t"crypto/rand"'),
        ("crypto", "from cryptography.fernet import Fernet"),
        ("crypto", "bcrypt.hashpw(password, salt)"),
        ("crypto", "OpenSSL::Cipher.new('aes-256-cbc')"),
        ("sql", 'cursor.execute(f"DROP TABLE {name}")'),
        ("sql", 'query = "SELECT * FROM users WHERE id = " + user_id'),
        ("sql", "q = f'select name from users where id = {user}'"),
        ("sql", "    UPDATE users SET admin = true"),
        ("sql", "SELECT id,"),
        ("sql", "rows, err := s.db.QueryContext(ctx, q)"),
        ("sql", "await prisma.$queryRawUnsafe(q)"),
        ("sql", "User.find_by_sql(q)"),
        ("subprocess", "subprocess.run(cmd, shell=True)"),
        ("subprocess", "os.system('ls ' + path)"),
        ("subprocess", "const { exec } = require('child_process')"),
        ("subprocess", "Runtime.getRuntime().exec(cmd);"),
        ("subprocess", 'cmd := exec.Command("sh", "-c", input)'),
        ("subprocess", "system(buffer);"),
        ("deserialisation", "obj = pickle.loads(data)"),
        ("deserialisation", "yaml.load(text)"),
        ("deserialisation", "new ObjectInputStream(in).readObject()"),
        ("deserialisation", "mapper.enableDefaultTyping();"),
        ("deserialisation", "$o = unserialize($_COOKIE['o']);"),
        ("eval", "result = eval(expression)"),
        ("eval", "exec(code, scope)"),
        ("eval", "const f = new Function('a', body)"),
        ("eval", 'setTimeout("go()", 5)'),
        ("eval", "klass.class_eval(text)"),
        ("secrets", f'key = "{AWS}"'),
        ("secrets", f"token: {GITHUB}"),
        ("secrets", PEM),
        ("secrets", 'password = "correct-horse-7"'),
        ("secrets", "API_KEY: 'abcd1234efgh'"),
        ("tls", "requests.get(url, verify=False)"),
        ("tls", "rejectUnauthorized: false"),
        ("tls", "&tls.Config{InsecureSkipVerify: true}"),
        ("tls", "ctx.check_hostname = False"),
        ("tls", "res.setHeader('Access-Control-Allow-Origin', '*')"),
        ("raw-html", "el.innerHTML = name"),
        ("raw-html", "<div dangerouslySetInnerHTML={{ __html: x }} />"),
        ("raw-html", "{{ name|safe }}"),
        ("raw-html", "return mark_safe(text)"),
        ("permissions", "os.chmod(path, 0o777)"),
        ("permissions", "chmod 777 /srv"),
        ("permissions", "setuid(0);"),
        ("archives", "tar.extractall(target)"),
        ("archives", "new ZipInputStream(in)"),
        ("memory", "strcpy(buffer, name);"),
        ("memory", "unsafe { *p = 1 }"),
    ],
)
def test_catches(name, line):
    assert caught(line, [name]) == name


@pytest.mark.parametrize(
    "line",
    [
        "",
        "# the author of this authentication page",
        "const author = getAuthor(id)",
        "label = 'Please select one from the list'",
        "// update the set of files",
        "Please insert into the form what you know",
        "model.eval()",
        "def eval(self, x):",
        "function exec(query) {",
        "const m = pattern.exec(text)",
        "items.filter(isActive)",
        "yaml.safe_load(text)",
        "json.loads(text)",
        "password = getpass()",
        "password: 'Passwort vergessen'",
        "token = tokens[3]",
        'api_key = "${API_KEY_1}"',
        'const secret = "your-secret-here"',
        "requests.get(url, verify=True)",
        "if (el.innerHTML === '') {",
        "system = platform.system()",
        "ecosystem(buffer)",
        "snprintf(buffer, sizeof buffer, name);",
        "spawned = world.spawn(entity)",
        "hashes = {}",
        "import digest from './digest'",
        "session.get(url)",
        "db.query.users.findMany()",
    ],
)
def test_leaves_alone(line):
    assert caught(line, RULES) is None


def test_blanks_do_not_push_code_out_of_sight():
    assert caught("x = 1;" + " \t" * 10 * LINE_LIMIT + "eval(y)", ["eval"])


def test_only_the_first_part_of_an_endless_line_is_looked_at():
    assert caught("x;" * 900 + "eval(y)", ["eval"])
    assert not caught("x;" * LINE_LIMIT + "eval(y)", ["eval"])


@pytest.mark.parametrize("name", RULES)
def test_what_a_rule_says_reads_as_a_clause(name):
    assert RULES[name].what.split()[0].endswith("s")


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        pytest.param("@login_required", "auth", id="losing a check matters"),
        pytest.param("if not hmac.compare_digest(a, b):", "crypto", id="so does losing cryptography"),
        pytest.param("cursor.execute(query)", None, id="losing SQL does not"),
        pytest.param("eval(text)", None, id="nor does losing eval"),
    ],
)
def test_removed_lines(line, rule):
    assert caught(line, RULES, removed=True) == rule


def test_only_the_named_rules_count_and_the_first_of_them_answers():
    line = "eval(jwt.decode(x))"
    assert caught(line, ["sql"]) is None
    assert caught(line, ["eval", "auth"]) == "eval"
    assert caught(line, ["auth", "eval"]) == "auth"


ALTERNATIVES = [(name, one) for name, rule in RULES.items() for one in critical.apart(rule.pattern.pattern)]


@given(st.data(), st.sampled_from(ALTERNATIVES))
@settings(max_examples=300)
def test_whatever_a_rule_matches_has_one_of_its_words(data, rule):
    name, pattern = rule
    line = " ".join(data.draw(st.from_regex(pattern)).split())[:LINE_LIMIT]
    if RULES[name].pattern.search(line):
        assert caught(line, [name]) == name


@given(st.sampled_from(sorted(RULES)), st.text(max_size=200))
def test_any_line_can_be_looked_at(name, line):
    assert caught(line, [name]) in {name, None}


@pytest.mark.parametrize(
    "path",
    [
        ".reviewbot.yml",
        ".github/reviewbot/claude/review.md.j2",
        ".github/workflows/ci.yml",
        ".GitHub/Workflows/ci.yml",
        ".github/actions/setup/dist/index.js",
        "CODEOWNERS",
        ".github/CODEOWNERS",
        "docs/CODEOWNERS",
        "AGENTS.md",
        "packages/shop/CLAUDE.md",
        ".github/copilot-instructions.md",
        ".github/instructions/python.instructions.md",
        ".cursorrules",
        ".cursor/rules/style.mdc",
        ".claude/settings.json",
    ],
)
def test_what_governs_the_review_is_always_critical(path):
    assert Globs(ALWAYS_CRITICAL_PATHS).match(path)


@pytest.mark.parametrize(
    ("path", "critical"),
    [
        ("src/auth/x.py", True),
        ("oauth.py", True),
        ("app/Login/View.kt", True),
        ("sessions/store.go", True),
        ("payment_gateway/x.rb", True),
        ("db/migrations/0001.py", True),
        ("schema.SQL", True),
        ("docker/Dockerfile.prod", True),
        ("infra/main.tf", True),
        ("my-action/action.yml", True),
        ("src/author/x.py", False),
        ("src/main.py", False),
        ("README.md", False),
        ("docs/actions.yml", False),
        (".github/dependabot.yml", False),
    ],
)
def test_default_paths(path, critical):
    assert bool(Globs(DEFAULT_CRITICAL_PATHS).match(path)) is critical


@pytest.mark.parametrize(
    ("pattern", "alternatives"),
    [
        pytest.param("a", ["a"], id="one"),
        pytest.param("a|b", ["a", "b"], id="two"),
        pytest.param(r"\b(?:a|b)c|(?i:d|e)", [r"\b(?:a|b)c", "(?i:d|e)"], id="bars in groups are theirs"),
        pytest.param(r"a\||\(|b", [r"a\|", r"\(", "b"], id="what is escaped is a letter"),
        pytest.param(r"[(|]|[^])|]|[\]|]", ["[(|]", "[^])|]", r"[\]|]"], id="and so is what is in brackets"),
    ],
)
def test_the_alternatives_of_a_pattern(pattern, alternatives):
    assert critical.apart(pattern) == alternatives


@pytest.mark.parametrize("text", ["xa yb", "ya", "a", "b", "xb", "za", "c", "xc", "d", ".d", "e", "-e", "ae"])
def test_patterns_that_share_a_place_find_what_each_finds(text):
    alternatives = (r"\ba|\bb", r"(?<![x.])c|(?<![x.])d", r"e\b|\bf(?:g|h)")
    assert bool(critical._any(*alternatives).search(text)) == any(re.search(a, text) for a in alternatives)
