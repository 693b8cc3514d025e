"""What makes a file critical: its path, or what a changed line of it says."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DEFAULT_CRITICAL_PATHS = (
    "**/auth/**",
    "**/authn/**",
    "**/authz/**",
    "**/*auth.*",
    "**/login/**",
    "**/session*/**",
    "**/security/**",
    "**/crypto/**",
    "**/permission*/**",
    "**/payment*/**",
    "**/billing/**",
    "**/checkout/**",
    "**/migrations/**",
    "**/*.sql",
    "**/Dockerfile*",
    "**/*.tf",
    ".github/workflows/**",
    "**/action.yml",
    "**/CODEOWNERS",
    ".reviewbot.yml",
    ".github/reviewbot/**",
)

#: Critical whatever is configured: who changes these changes the review, its gate, or what runs with its secrets.
ALWAYS_CRITICAL_PATHS = (
    ".reviewbot.yml",
    ".github/reviewbot/**",
    ".github/workflows/**",
    ".github/actions/**",
    "**/CODEOWNERS",
    # What other programs that write or review code here are told: by them a change can have the next one go its way.
    "AGENTS.md",
    "CLAUDE.md",
    "GEMINI.md",
    ".github/copilot-instructions.md",
    ".github/instructions/**",
    ".cursorrules",
    ".cursor/**",
    ".windsurfrules",
    ".clinerules",
    ".claude/**",
    ".codex/**",
)

#: Characters of one line that are looked at, runs of blanks counting as one. A longer line is data, or hides something
#: that the scan will still see; without a limit one line of megabytes would cost minutes.
LINE_LIMIT = 2_000


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of dangerous code. `what` completes "adds a line that …".

    Patterns name calls and declarations rather than words, so that a comment about SQL is not SQL; every repetition in
    them is bounded, so that a hostile line cannot make them slow. `words` are parts of words, with blanks between: a line
    that has none of them is not looked at any closer, so each match has to have one.
    """

    what: str
    words: str
    pattern: re.Pattern[str]
    removed: bool = False  # whether losing such a line matters as much as gaining one


#: Where an alternative may stand, before what it consists of.
_FOOTING = re.compile(r"\\b|\(\?<!(?:[^()\\]|\\.)*\)")


def _any(*alternatives: str) -> re.Pattern[str]:
    r"""A pattern that is found where one of these is.

    Those that may stand in the same places share the test for it: `\bx|\by` takes three times as long as `\b(?:x|y)`,
    because Python skips an alternative by its first letter only where it begins with one.
    """
    grouped: dict[str, list[str]] = {}
    for one in (one for pattern in alternatives for one in apart(pattern)):
        footing = _FOOTING.match(one)
        place = footing[0] if footing else ""
        grouped.setdefault(place, []).append(one[len(place) :])
    return re.compile("|".join(f"{place}(?:{'|'.join(ones)})" for place, ones in grouped.items()))


def apart(pattern: str) -> list[str]:
    """The alternatives of a pattern, as they stand between its outermost bars."""
    found, depth = [""], 0
    for piece in re.findall(r"\\.|\[\^?\]?(?:[^\]\\]|\\.)*\]|.", pattern, re.DOTALL):
        depth += {"(": 1, ")": -1}.get(piece, 0)
        if piece == "|" and not depth:
            found.append("")
        else:
            found[-1] += piece
    return found


#: By the name that `critical.content` uses; the first that matches gives the reason.
RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "auth": Rule(
            "decides who may do what",
            "jwt auth login log_in logged_in logout perm secured roles user_passes csrf forgery before_ password credential token signature otp session admin staff superuser role scope anonymous",
            _any(
                r"\bjwt\.(?:encode|decode|sign|verify)\b|\bjwtVerify\b|\bJwts\.|\bverify_jwt",
                r"@(?:login_required|permission_required|user_passes_test|csrf_exempt|PreAuthorize|PostAuthorize|Secured|RolesAllowed|PermitAll)\b",
                r"\[(?:Authorize|AllowAnonymous)\b|\b(?:permission|authentication)_classes\b",
                r"\b(?:skip_)?before_(?:action|filter) :(?:authenticate|authorize|require|ensure|verify|check)\w*",
                r"\brequires_(?:login|plugin_auth)\b|\bensure_(?:logged_in|staff|admin)\b|\bprotect_from_forgery\b",
                r"(?i:\b(?:check|verify|validate|compare)_?(?:password|credentials?|token|signature|csrf|otp|totp|session)\b) ?\(",
                r"(?i:\b(?:is|require|ensure|assert)_?(?:authenticated|authorized|authorised|admin|staff|superuser)\b)",
                r"(?i:\bhas_?(?:permissions?|perm|role|any_?role|authority|scope)\b) ?\(",
                r"(?<![\w.])(?:authenticate|authorize|authorise|login|log_?in_?user|logout_user)!? ?\(",
                r"\bset_password ?\(|\bauthenticateUser\b|\bUsernamePasswordAuthenticationToken\b",
            ),
            removed=True,
        ),
        "crypto": Rule(
            "uses cryptography",
            "hashlib hmac fernet crypto nacl bcrypt argon2 scrypt pbkdf2 createhash cipher digest mac signature key ivparameter gcmparameter random rsa openssl password evp_ aes sha md5",
            _any(
                r"\bhashlib\.\w|\bhmac\.(?:new|compare_digest|digest|New|Equal)\b|\bFernet ?\(|\bfrom (?:Crypto|cryptography|nacl)\b",
                r"\b(?:bcrypt|argon2|scrypt|pbkdf2)(?:\.|::|_hmac|Sync| ?\()",
                r"\bcreate(?:Hash|Hmac|Cipheriv|Decipheriv) ?\(|\bcrypto\.(?:create|random|subtle|sign|verify|pbkdf2|scrypt|timingSafeEqual|generateKey|public|private)",
                r"\b(?:Cipher|MessageDigest|Mac|Signature|KeyGenerator|KeyPairGenerator|KeyFactory|SecretKeyFactory)\.getInstance\b",
                r"\bnew (?:SecretKeySpec|IvParameterSpec|GCMParameterSpec|SecureRandom)\b",
                r'"crypto/\w|\baes\.NewCipher\b|\bcipher\.New|\brsa\.(?:Sign|Verify|Encrypt|Decrypt|GenerateKey)',
                r"\bOpenSSL::|\bDigest::(?:MD5|SHA)|\bSecureRandom\.|\bopenssl_(?:encrypt|decrypt|sign|verify)\b",
                r"\bpassword_(?:hash|verify) ?\(|\bEVP_\w|\b(?:Aes|RSA|HMACSHA256|SHA1|SHA256|MD5)\.Create ?\(",
            ),
            removed=True,
        ),
        "sql": Rule(
            "builds SQL",
            "select insert update delete merge drop alter truncate create grant exec query raw prepare statement sql",
            _any(
                r"^SELECT\b|(?:^|[\"'`(]) ?(?:SELECT\b.{1,200}\bFROM\b|INSERT INTO\b|UPDATE \S{1,80} SET\b|DELETE FROM\b|MERGE INTO\b)",
                r"[\"'`] ?(?:select .{1,200} from |insert into |update \S{1,80} set |delete from )",
                r"\b(?:DROP|ALTER|TRUNCATE|CREATE) (?:TABLE|DATABASE|SCHEMA|INDEX|ROLE|USER)\b|\bGRANT .{1,80} (?:TO|ON)\b",
                r"(?i:(?:\b|_)(?:cursor|cur|conn|connection|db|tx|database|engine|session|stmt|statement)\.(?:exec\w*|query\w*|raw|prepare\w*) ?\()",
                r"\.\$?(?:queryRaw\w*|executeRaw\w*|rawQuery|execSQL|createNativeQuery|createStatement|prepareStatement|executeQuery|executeUpdate)\b",
                r"\b(?:find_by_sql|exec_query|exec_sql|execute_sql|select_all(?= ?\()|whereRaw|DB\.exec|DB\.query)\b|\bRawSQL ?\(|\bmysqli_query ?\(",
            ),
        ),
        "subprocess": Rule(
            "runs a program",
            "subprocess shell system popen exec spawn child_process processbuilder command process open3 passthru proc_open",
            _any(
                r"\bsubprocess\.(?:run|call|check_call|check_output|Popen|getoutput|getstatusoutput)\b|\bshell ?= ?True\b",
                r"\bos\.(?:system|popen|exec[lv]\w*|spawn\w+|posix_spawn\w*)\b ?\(|\bcreate_subprocess_(?:exec|shell)\b",
                r"\bchild_process\b|\b(?:execSync|execFile|execFileSync|spawnSync)\b ?\(|(?<![\w.])spawn ?\(",
                r"\bgetRuntime\(\)\.exec\b|\bnew ProcessBuilder\b|\bexec\.Command(?:Context)?\(|\bCommand::new ?\(|\bProcess\.Start ?\(",
                r"\bOpen3\.|\bKernel\.(?:system|exec|spawn)\b|(?<![\w.>])(?:system|popen|shell_exec|passthru|proc_open|execvp?e?) ?\(",
            ),
        ),
        "deserialisation": Rule(
            "turns data into objects",
            "pickle dill joblib marshal shelve torch yaml objectinput readobject xmldecoder xstream typing binaryformatter typename unserialize documentbuilder saxparser xmlinput",
            _any(
                r"\b(?:c?pickle|dill|cloudpickle|joblib|marshal|jsonpickle)\.(?:loads?|decode|Unpickler)\b|\bshelve\.open\b|\btorch\.load\b",
                r"\byaml\.(?:load|load_all|unsafe_load|full_load)\b ?\(|\bYAML\.(?:load|unsafe_load)\b|\bMarshal\.load\b",
                r"\bObjectInputStream\b|\breadObject ?\(|\bXMLDecoder\b|\bnew XStream\b|\b(?:enable|activate)DefaultTyping\b",
                r"\bBinaryFormatter\b|\bTypeNameHandling\b|(?<![\w.>])unserialize ?\(",
                r"\b(?:DocumentBuilderFactory|SAXParserFactory|XMLInputFactory)\.new",
            ),
        ),
        "eval": Rule(
            "runs text as code",
            "eval exec function settimeout setinterval vm scriptengine __import__ render_template spelexpression",
            _any(
                r"(?<![\w.>$])(?<!def )(?<!function )(?:eval|exec|execfile) ?\(|\bnew Function ?\(|\bset(?:Timeout|Interval) ?\( ?[\"'`]",
                r"\bvm\.(?:runIn\w+|Script|compileFunction)\b|\b(?:instance|class|module)_eval\b|\bScriptEngine\w*\b",
                r"\b__import__ ?\(|\brender_template_string ?\(|\bSpelExpressionParser\b|\bcreate_function ?\(",
            ),
        ),
        "secrets": Rule(
            "holds a credential",
            "private akia ghp_ gho_ ghu_ ghs_ ghr_ sk aiza xox glpat github_pat password passwd secret key token",
            _any(
                r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}|\bgithub_pat_\w{22}",
                r"\bsk-[A-Za-z0-9_-]{20}|\bAIza[0-9A-Za-z_-]{35}|\bxox[abprs]-[0-9A-Za-z-]{10}|\bglpat-[\w-]{20}",
                r"(?i:(?:password|passwd|secret|api_?key|access_?key|private_?key|auth_?token))\w{0,20}[\"']? ?(?::=|[:=]) ?[\"'](?=[^\"']{0,80}\d)[^\"'\s{}$<>]{8,}[\"']",
            ),
        ),
        "tls": Rule(
            "changes whom the network trusts",
            "verify rejectunauthorized insecureskip _create_unverified cert_none check_hostname ssl tls trustmanager hostnameverifier servercertificate access",
            _any(
                r"\bverify ?= ?False\b|\brejectUnauthorized\b|\bInsecureSkipVerify\b|\b_create_unverified_context\b|\bCERT_NONE\b|\bcheck_hostname\b",
                r"\bssl\.(?:SSLContext|create_default_context|wrap_socket|PROTOCOL_)\w*|\btls\.Config\b|\bNODE_TLS_REJECT_UNAUTHORIZED\b",
                r"\b(?:X509)?TrustManager\b|\bHostnameVerifier\b|\bVERIFY_NONE\b|\bCURLOPT_SSL_VERIFY|\bServerCertificate\w*Callback\b",
                r"\bstrictSSL\b|Access-Control-Allow-(?:Origin|Credentials)",
            ),
        ),
        "raw-html": Rule(
            "writes HTML without escaping",
            "html mark_safe safe document bypasssecurity markup",
            _any(
                r"\bdangerouslySetInnerHTML\b|\.(?:inner|outer)HTML ?\+?=(?!=)|\binsertAdjacentHTML ?\(|\bdocument\.write(?:ln)? ?\(|\bv-html=",
                r"\bmark_safe ?\(|\{\{[^{}]{1,200}\| ?safe\b|\.html_safe\b|\bbypassSecurityTrust\w+|\bMarkup ?\( ?f?[\"']|@Html\.Raw\b",
            ),
        ),
        "permissions": Rule(
            "changes file or process rights",
            "chmod chown umask uid gid posix",
            _any(
                r"\b(?:f|l)?ch(?:mod|own)(?:Sync)? ?\(|\bos\.Ch(?:mod|own)\b|\bumask ?\(|\bset(?:e|re|res)?[ug]id ?\(",
                r"\bsetPosixFilePermissions\b|\bFileUtils\.ch(?:mod|own)|\bchmod (?:-R )?(?:777|666|[augo]*\+[rwxs])",
            ),
        ),
        "archives": Rule(
            "unpacks an archive",
            "extractall unpack_archive zipinput tararchive getnextentry",
            _any(
                r"\.extractall ?\(|\bunpack_archive ?\(|\bZipInputStream\b|\bTarArchiveInputStream\b|\bgetNextEntry ?\("
            ),
        ),
        "memory": Rule(
            "handles memory without checks",
            "strcpy strcat sprintf gets alloca unsafe ctypes",
            _any(
                r"(?<![\w.>:])(?:strcpy|strcat|sprintf|vsprintf|gets|alloca) ?\(|\bunsafe (?:\{|fn|impl|trait)|\bunsafe\.Pointer\b",
                r"\bsun\.misc\.Unsafe\b|\bctypes\.(?:CDLL|cast|memmove|string_at)\b",
            ),
        ),
    }
)


_PARTS = tuple((part, name) for name, rule in RULES.items() for part in rule.words.split())
#: The same by their first two letters.
_BY_START = {start: [p for p in _PARTS if p[0][:2] == start] for start in {part[:2] for part, _ in _PARTS}}
_WORD = re.compile(r"\w+")


def caught(text: str, names: Iterable[str], *, removed: bool = False) -> str | None:
    """The first of the rules called `names` that one added (or removed) line of code falls under."""
    likely = {name for word in _WORD.findall(text) for name in _asking_for(word)}
    if not likely:
        return None
    code = " ".join(text.split())[:LINE_LIMIT]
    for name in names:
        rule = RULES[name]
        if name in likely and (rule.removed or not removed) and rule.pattern.search(code):
            return name
    return None


@functools.lru_cache(maxsize=50_000)  # a change uses few words, over and over
def _asking_for(word: str) -> tuple[str, ...]:
    folded = word.casefold()
    found: list[str] = []
    for at in range(len(folded) - 1):
        for part, name in _BY_START.get(folded[at : at + 2], ()):
            if folded.startswith(part, at):
                found.append(name)
    return tuple(found)
