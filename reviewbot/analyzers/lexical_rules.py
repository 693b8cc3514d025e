"""The token patterns of `static/lexical`: regular expressions over the token line of `tokens.stream`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewbot.analyzers.source import Language

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Pattern:
    """One rule as text."""

    id: str
    cwe: str
    says: str
    tokens: str


#: The start of a token that is not an attribute of something and not being defined.
_HEAD = r"(?<!\S)(?<!\. )(?<!\bdef )(?<!\bfunc )(?<!\bfunction )"
_PLAIN = r'[SKVQ]"[^"]*"'
#: A fixed first argument: one literal, number or CONSTANT, and nothing after it but the end of the argument.
_FIXED = rf"(?:(?:{_PLAIN}|[A-Z][A-Z0-9_]*|[\d.]+)(?: \+)? )++[,)]"
_VARIES = rf"(?!{_FIXED})(?!\))"
_REST = r"(?:(?![⏎;] )\S+ ){0,60}?"  # of the statement
_ARGUMENT = r"(?:(?![⏎;,] )\S+ ){0,20}?"  # of the argument
_MORE_SQL = r'(?: (?:\+ (?:⏎ )?)?[SQKV]"[^"]*")*+'
_VARIABLE = r'(?![SQKV]"|[A-Z][A-Z0-9_]*+(?! [.(\[])|\d)'
_CONSTANTS = r"(?: \{\| [A-Z][A-Z0-9_]* \|\})+(?! \{\|)"
_CREDENTIAL = r"(?i:[\w$]*(?:password|passwd|passphrase|pwd|secret|token|api_?key|access_?key|private_?key|signing_?key|credentials?))"
_KEY_WORD = r"(?i:[\w$]*(?:secret|token|passw|pwd|otp\b|nonce|salt|session_?id|api_?key|csrf)[\w$]*)"
_KEY_MAKER = (
    r"(?i:[\w$]*(?:secret|token|passw|otp\b|nonce|salt|session_?id|api_?key|csrf|verification)[\w$]*)"
)
_BODY = r"(?:(?!def |func |function )\S+ ){0,150}?"  # of the function

_SQL_SAYS = "An SQL statement is put together from values."
_SHELL_SAYS = "A command that is not a fixed text is handed to a shell."
_EVAL_SAYS = "A text that is not fixed is run as code."
_HASH_SAYS = "MD5 and SHA-1 are no longer fit for anything an attacker has an interest in."
_CIPHER_SAYS = "The algorithm, mode or protocol version is broken."
_TLS_SAYS = "Verification of the other side's certificate or key is switched off."
_PATH_SAYS = "A file is opened under a name that comes straight from a request or an archive."
_HTML_SAYS = "A value that is not a fixed text becomes markup of the page."
_SSRF_SAYS = "The address of the request comes straight from another request."
_RANDOM_SAYS = "A generator made for statistics makes a secret."
_SWALLOW_SAYS = "The error is caught here and dropped without a trace."
_IDENTITY_SAYS = "A text is compared by identity."

_CHILD_PROCESS = r'(?:child_process|childProcess|cp|require \( [SK]"(?:node[^"\w])?child_process" \))'  # as modules call it
_SQL_ADDED = rf'(?<!\S)Q"[^"]*"{_MORE_SQL}(?: \))? (?:⏎ )?[+%] (?:⏎ )?(?:\( )?{_VARIABLE}'
_SQL_INSERTED = rf'(?<!\S)(?:Q"[^"]*"{_MORE_SQL} (?:\+ )?[DR]|R)"[^"]*"(?!{_CONSTANTS})'


def _secrets(prefix: str, assign: str) -> tuple[Pattern, Pattern]:
    return (
        Pattern(
            f"{prefix}-credential",
            "CWE-798",
            "A literal that looks like a credential is assigned to a name that says so.",
            rf'(?<!\S)(?:{_CREDENTIAL}|[SK]"{_CREDENTIAL}") {assign} (?:⏎ )?[KV]"[^"]*"(?= (?:[⏎;,)}}]|\]))',
        ),
        Pattern(
            f"{prefix}-vendor-key",
            "CWE-798",
            "The literal has the form of a vendor's key.",
            r'(?<!\S)V"[^"]*"',
        ),
    )


_FLASK = r"request \. (?:args|form|values|json|data|files|GET|POST|FILES|query_params|path_params|headers|cookies|get_json|query)\b"

_PYTHON = (
    Pattern("py-sql-operator", "CWE-89", _SQL_SAYS, _SQL_ADDED),
    Pattern("py-sql-fstring", "CWE-89", _SQL_SAYS, _SQL_INSERTED),
    Pattern("py-sql-format", "CWE-89", _SQL_SAYS, rf'(?<!\S)Q"[^"]*"{_MORE_SQL}(?: \))? \. format \( (?:\w+ = )?{_VARIABLE}(?!\))'),
    Pattern("py-shell", "CWE-78", _SHELL_SAYS, rf"{_HEAD}(?:os \. (?:system|popen)|subprocess \. (?:getoutput|getstatusoutput)|asyncio \. create_subprocess_shell) \( {_VARIES}(?!{_REST}shlex \.)"),
    Pattern("py-shell-true", "CWE-78", _SHELL_SAYS, rf"(?<!\S)(?:run|call|Popen|check_output|check_call) \( {_VARIES}(?!{_REST}shlex \.){_REST}shell = True\b"),
    Pattern("py-eval", "CWE-95", _EVAL_SAYS, rf"{_HEAD}(?:eval|exec) \( {_VARIES}"),
    Pattern("py-pickle", "CWE-502", "The format runs code while it is read.", rf"{_HEAD}(?:(?:pickle|cPickle|_pickle|dill|cloudpickle|marshal) \. loads?|(?:pickle|dill) \. Unpickler|jsonpickle \. decode|joblib \. load|(?:pd|pandas) \. read_pickle) \("),
    Pattern("py-yaml", "CWE-502", "yaml.load without a safe loader builds any object.", rf"{_HEAD}yaml \. (?:load(?:_all)? \((?! {_REST}(?:yaml \. )?C?(?:Safe|Base)Loader)|unsafe_load)"),
    Pattern("py-hash", "CWE-328", _HASH_SAYS, rf'{_HEAD}(?:hashlib \. (?:md4|md5|sha1)|(?:MD2|MD4|MD5|SHA|SHA1) \. new|hashes \. (?:MD5|SHA1)|hashlib \. new \( [SK]"(?i:md4|md5|sha-?1)") (?!\( {_REST}usedforsecurity = False)'),
    Pattern("py-cipher", "CWE-327", _CIPHER_SAYS, r"(?<!\S)(?:(?:DES|DES3|ARC2|ARC4|Blowfish) \. new|algorithms \. (?:TripleDES|ARC4|Blowfish|IDEA|CAST5|SEED)|modes \. ECB|MODE_ECB|PROTOCOL_(?:SSLv2|SSLv3|TLSv1|TLSv1_1))(?!\S)"),
    Pattern("py-tls", "CWE-295", _TLS_SAYS, rf"(?<!\S)(?:get|post|put|patch|delete|head|options|request|stream|Client|AsyncClient|Session|ClientSession|TCPConnector) \( {_REST}(?P<at>verify(?:_ssl)? = False)\b"),
    Pattern("py-tls-context", "CWE-295", _TLS_SAYS, r"(?<!\S)(?:_create_unverified_context \(|verify_mode = ssl \. CERT_NONE|check_hostname = False|AutoAddPolicy \(|\. verify = False)"),
    *_secrets("py", r"(?:: \w+ )?[=:]"),
    Pattern("py-path", "CWE-22", _PATH_SAYS, rf"(?<!\S)(?:open|send_file|FileResponse|Path|remove|unlink|rmtree|listdir|copyfile|move) \( (?!{_REST}(?:secure_filename|safe_join|basename) ){_REST}{_FLASK}"),
    Pattern("py-tar", "CWE-22", _PATH_SAYS, rf"(?<!\S)(?:(?i:tar|tf|tgz)\w*|tarfile \. open \( {_REST}\)) \. extractall \((?! {_REST}filter =)"),
    Pattern("py-html", "CWE-79", _HTML_SAYS, rf"{_HEAD}(?:(?:markupsafe|flask|jinja2) \. )?(?:Markup|mark_safe) \( {_VARIES}|(?<!\S)autoescape = False\b"),
    Pattern("py-ssrf", "CWE-918", _SSRF_SAYS, rf"{_HEAD}(?:(?:requests|httpx|aiohttp|session|client|http) \. (?:get|post|put|patch|delete|head|request)|(?:urllib \. request \. )?(?:urlopen|urlretrieve)) \( (?:url = )?{_ARGUMENT}{_FLASK}"),
    Pattern("py-random", "CWE-330", _RANDOM_SAYS, rf"(?<!\S){_KEY_WORD}(?: : \w+)? = {_REST}(?P<at>random \. (?:random|randint|randrange|choices?|sample|getrandbits|uniform|randbytes) \()"),
    Pattern("py-random-maker", "CWE-330", _RANDOM_SAYS, rf"\bdef {_KEY_MAKER} \( {_BODY}(?P<at>(?<!\. )random \. (?:random|randint|randrange|choices?|sample|getrandbits|uniform|randbytes) \()"),
    Pattern("py-swallowed", "CWE-390", _SWALLOW_SAYS, r"(?<!\S)except (?:(?:Base)?Exception (?:as \w+ )?)?: (?:⏎ )*(?:pass|continue|\. \. \.) ⏎"),
    Pattern("py-identity", "CWE-597", _IDENTITY_SAYS, r'(?<!\S)is (?:not )?[SKQV]"[^"]*"'),
    Pattern("py-debug", "CWE-489", "The development server is started with its debugger on.", rf"\. run \( {_REST}(?P<at>debug = True)\b"),
    Pattern("py-mktemp", "CWE-377", "tempfile.mktemp only chooses a name.", r"(?<!\S)tempfile \. mktemp \("),
    Pattern("py-chmod", "CWE-732", "The mode lets everybody on the machine write or run the file.", r"(?<!\S)chmod \( (?:(?![⏎;] )\S+ ){0,12}?0o?[0-7]?[0-7][0-7][2367]\b"),
)  # fmt: skip  # a table

_EXPRESS = r"(?:req|request|ctx) \. (?:query|body|params|headers|cookies)\b"
_SAFE_HTML = (
    r"(?:await )?(?:DOMPurify \. sanitize|(?:\w+ \. )*\w*(?:[sS]anitize|[eE]scape)\w*|encodeURIComponent) \("
)

#: Not the head of a method of that name: what follows the brackets is no body.
_CALLED = r"(?![^()⏎]*\) (?:: [^{;⏎]*)?\{)"

#: A driver's own tag sends what is inserted as parameters.
_TAGGED = r"(?<!\bsql )(?<!\bSQL )(?<!queryRaw )(?<!executeRaw )"

_JAVASCRIPT = (
    Pattern("js-sql-operator", "CWE-89", _SQL_SAYS, _SQL_ADDED),
    Pattern("js-sql-template", "CWE-89", _SQL_SAYS, _TAGGED + _SQL_INSERTED),
    Pattern("js-shell", "CWE-78", _SHELL_SAYS, rf"(?:{_HEAD}|{_CHILD_PROCESS} \. )(?:exec|execSync) \( {_CALLED}{_VARIES}"),
    Pattern("js-shell-promised", "CWE-78", _SHELL_SAYS, rf"(?:const|let|var) (?P<run>\w+) = (?:util \. )?promisify \( (?:{_CHILD_PROCESS} \. )?exec \)[^\0]{{0,6000}}?(?P<at>{_HEAD}(?P=run) \( {_CALLED}{_VARIES})"),
    Pattern("js-shell-true", "CWE-78", _SHELL_SAYS, rf"(?<!\S)(?:spawn|spawnSync|execFile|execFileSync) \( {_VARIES}{_REST}shell : true\b"),
    Pattern("js-eval", "CWE-95", _EVAL_SAYS, rf"(?:{_HEAD}eval|(?:window|globalThis|global) \. eval|vm \. (?:runInNewContext|runInThisContext|runInContext)) \( {_CALLED}{_VARIES}"),
    Pattern("js-function", "CWE-95", _EVAL_SAYS, rf"\bnew Function \( (?:{_PLAIN} , )*{_VARIES}"),
    Pattern("js-timer", "CWE-95", _EVAL_SAYS, rf'{_HEAD}(?:window \. )?(?:setTimeout|setInterval) \( (?:[DR]"|{_PLAIN} \+)'),
    Pattern("js-deserialise", "CWE-502", "The format can carry functions, which run while it is read.", rf"(?<!\S)(?:unserialize|deepDeserialize) \(|(?<!\S)load(?:All)? \( {_REST}DEFAULT_FULL_SCHEMA\b"),
    Pattern("js-hash", "CWE-328", _HASH_SAYS, r'(?<!\S)(?:createHash|createHmac) \( [SK]"(?i:md4|md5|sha-?1)"|CryptoJS \. (?:Hmac)?(?:MD5|SHA1) \('),
    Pattern("js-cipher", "CWE-327", _CIPHER_SAYS, r'(?<!\S)create(?:Cipher|Decipher)iv \( [SK]"(?i:des|rc2|rc4|bf|blowfish|[\w-]+-ecb)|(?<!\S)crypto \. create(?:Cipher|Decipher) \(|CryptoJS \. (?:DES|TripleDES|RC4) \. (?:en|de)crypt \('),
    Pattern("js-tls", "CWE-295", _TLS_SAYS, r'(?<!\S)(?:[SK]")?rejectUnauthorized"? [:=] false\b|(?<!\S)(?:[SK]")?NODE_TLS_REJECT_UNAUTHORIZED"? (?:\] )?= (?:[SK]"0"|0 )'),
    *_secrets("js", r"(?:: string )?[=:]"),
    Pattern("js-path", "CWE-22", _PATH_SAYS, rf"(?<!\S)(?:readFile|readFileSync|writeFile|writeFileSync|createReadStream|createWriteStream|unlink|unlinkSync|rm|rmSync|sendFile|download) \( (?!{_REST}basename \(){_REST}{_EXPRESS}"),
    Pattern("js-html", "CWE-79", _HTML_SAYS, rf"\. (?:innerHTML|outerHTML|srcdoc) \+?= (?!{_SAFE_HTML})(?!{_PLAIN} (?:[;⏎]|\}}))"),
    Pattern("js-html-write", "CWE-79", _HTML_SAYS, rf"\bdocument \. (?:write|writeln) \( {_VARIES}"),
    Pattern("js-html-adjacent", "CWE-79", _HTML_SAYS, rf"(?<!\S)insertAdjacentHTML \( (?:\S+ ){{1,4}}?, (?!{_SAFE_HTML}){_VARIES}"),
    Pattern("js-html-react", "CWE-79", _HTML_SAYS, rf"(?<!\S)__html : (?!{_SAFE_HTML})(?!{_PLAIN} (?:[,⏎]|\}}))"),
    Pattern("js-html-send", "CWE-79", _HTML_SAYS, rf'(?<!\S)res(?:ponse)? \. (?:send|write|end) \( (?:{_PLAIN} \+ |D"){_ARGUMENT}{_EXPRESS}'),
    Pattern("js-ssrf", "CWE-918", _SSRF_SAYS, rf"{_HEAD}(?:fetch|got|axios|needle|superagent|request|https?)(?: \. (?:get|post|put|patch|delete|head|request))? \( {_ARGUMENT}{_EXPRESS}"),
    Pattern("js-random", "CWE-330", _RANDOM_SAYS, rf"(?<!\S){_KEY_WORD}(?: : \w+)? [=:] {_REST}(?P<at>Math \. random) \("),
    Pattern("js-random-maker", "CWE-330", _RANDOM_SAYS, rf"\bfunction {_KEY_MAKER} \( {_BODY}(?P<at>Math \. random) \("),
    Pattern("js-swallowed", "CWE-390", _SWALLOW_SAYS, r"(?<!\S)catch (?:\( \w+ (?:: \w+ )?\) )?\{ (?:⏎ )?\}|\. catch \( (?:\( \w* ?\)|\w+) => \{ (?:⏎ )?\} \)"),
)  # fmt: skip  # a table

_HTTP = r"(?:\b(?:r|req|request) \. (?:URL \. (?:Query|Path)|FormValue|PostFormValue|PathValue|Header \. Get|Form \. Get)\b|\bmux \. Vars \(|\bc \. (?:Query|Param|PostForm) \()"

_GO = (
    Pattern("go-sql-operator", "CWE-89", _SQL_SAYS, _SQL_ADDED),
    Pattern("go-sql-sprintf", "CWE-89", _SQL_SAYS, rf'\bfmt \. (?:Sprintf|Appendf) \( (?:⏎ )?Q"[^"]*%[+#_]?[svq][^"]*"{_MORE_SQL} , (?:⏎ )?(?![SKQV]")'),
    Pattern("go-shell", "CWE-78", _SHELL_SAYS, rf'\bexec \. Command(?:Context)? \( (?:[\w.]+ (?:\. \w+ )?(?:\( \) )?, )?S"(?:/bin/|/usr/bin/)?(?:sh|bash|zsh|dash|cmd|powershell|pwsh)(?:\.exe)?" , [SK]"(?:-l?i?c|/[cC]|-Command)" , (?:⏎ )?{_VARIES}'),
    Pattern("go-hash", "CWE-328", _HASH_SAYS, r"(?<!\S)(?:md5|sha1) \. (?:New|Sum)(?!\S)"),
    Pattern("go-cipher", "CWE-327", _CIPHER_SAYS, r"(?<!\S)(?:des \. New(?:TripleDES)?Cipher|rc4 \. NewCipher) \(|(?<!\S)M(?:in|ax)Version : tls \. Version(?:SSL30|TLS10|TLS11)\b"),
    Pattern("go-key", "CWE-326", "An RSA key needs at least 2048 bits.", r"\brsa \. GenerateKey \( \S+ (?:\. \S+ )?, (?:512|768|1024) \)"),
    Pattern("go-tls", "CWE-295", _TLS_SAYS, r"(?<!\S)InsecureSkipVerify [:=] true\b|(?<!\S)ssh \. InsecureIgnoreHostKey \("),
    *_secrets("go", r"(?:string )?(?::=|=|:)"),
    Pattern("go-path", "CWE-22", _PATH_SAYS, rf"(?<!\S)(?:os \. (?:Open|OpenFile|ReadFile|WriteFile|Create|Remove|RemoveAll)|ioutil \. ReadFile) \( (?!{_REST}Base \(){_REST}{_HTTP}|(?<!\S)http \. ServeFile \( \w+ , \w+ , (?!{_REST}Base \(){_REST}{_HTTP}"),
    Pattern("go-html", "CWE-79", _HTML_SAYS, rf"(?<!\S)template \. (?:HTML|JS|URL|CSS|HTMLAttr) \( {_VARIES}"),
    Pattern("go-html-print", "CWE-79", _HTML_SAYS, rf'\bfmt \. Fprint(?:f|ln)? \( (?:w|rw|writer) , [SK]"[^"]*<[^"]*" (?!{_REST}EscapeString \(){_REST}{_HTTP}'),
    Pattern("go-ssrf", "CWE-918", _SSRF_SAYS, rf"(?<!\S)(?:http|\w*[cC]lient) \. (?:Get|Head|Post|PostForm|NewRequest|NewRequestWithContext) \( {_REST}{_HTTP}"),
    Pattern("go-random", "CWE-330", _RANDOM_SAYS, rf"(?<!\S){_KEY_WORD} :?= {_REST}(?P<at>(?:m|math)?rand \. (?:Intn|IntN|Int31n?|Int63n?|Int64N?|Uint32|Uint64|Float64|Perm)) \("),
    Pattern("go-random-maker", "CWE-330", _RANDOM_SAYS, rf"\bfunc (?:\( [^)]*\) )?{_KEY_MAKER} \( {_BODY}(?P<at>\b(?:m|math)?rand \. (?:Intn|IntN|Int31n?|Int63n?|Int64N?|Uint32|Uint64|Float64|Perm)) \("),
    Pattern("go-swallowed", "CWE-390", _SWALLOW_SAYS, r"(?<!\S)\w*[eE]rr\w* != nil \{ (?:⏎ )*\}|(?<!\S)_ = err(?!\S)"),
)  # fmt: skip  # a table

_SERVLET = (
    r"(?:req|request|httpRequest) \. (?:getParameter|getHeader|getQueryString|getPathInfo|getRequestURI) \("
)

_JAVA = (
    Pattern("java-sql-operator", "CWE-89", _SQL_SAYS, _SQL_ADDED),
    Pattern("java-sql-format", "CWE-89", _SQL_SAYS, rf'\bString \. format \( (?:⏎ )?Q"[^"]*%(?:\d_)?s[^"]*"{_MORE_SQL} , (?:⏎ )?{_VARIABLE}|(?<!\S)Q"[^"]*"{_MORE_SQL}(?: \))? \. formatted \('),
    Pattern("java-shell", "CWE-78", _SHELL_SAYS, rf"(?:getRuntime \( \)|\b(?:runtime|rt)) \. exec \( {_VARIES}(?!new )"),
    Pattern("java-builder", "CWE-78", _SHELL_SAYS, rf'\bnew ProcessBuilder \( (?:⏎ )?[SK]"(?:/bin/)?(?:sh|bash|cmd|cmd\.exe|powershell)" , [SK]"(?:-c|/[cC]|-Command)" , (?:⏎ )?{_VARIES}'),
    Pattern("java-eval", "CWE-95", _EVAL_SAYS, rf"(?i:\w*(?:engine|script|groovy|shell)\w*) \. eval \( {_VARIES}"),
    Pattern("java-deserialise", "CWE-502", "Reading such a stream builds any object it names.", r"\bnew (?:java \. io \. |java \. beans \. )?(?:ObjectInputStream|XMLDecoder) \("),
    Pattern("java-hash", "CWE-328", _HASH_SAYS, r'\bMessageDigest \. getInstance \( [SK]"(?i:md2|md5|sha-?1|sha)"|\bDigestUtils \. (?:md5|sha1|getMd5|getSha1)|\bHashing \. (?:md5|sha1) \('),
    Pattern("java-cipher", "CWE-327", _CIPHER_SAYS, r'\bCipher \. getInstance \( [SK]"(?i:DES|DESede|TripleDES|RC2|RC4|ARCFOUR|Blowfish|\w+/ECB/\w+|AES")|\bSSLContext \. getInstance \( [SK]"(?:SSL|SSLv2|SSLv3|TLSv1|TLSv1\.1)"'),
    Pattern("java-key", "CWE-326", "An RSA key needs at least 2048 bits.", r"\. initialize \( (?:512|768|1024)\b"),
    Pattern("java-tls", "CWE-295", _TLS_SAYS, r"\bvoid checkServerTrusted \( (?:[^)⏎]*)\) (?:throws [\w ,]*)?\{ (?:⏎ )?\}|(?:[sS]et(?:Default)?H|\bh)ostnameVerifier \( (?:[^;⏎]*-> true \)|NoopHostnameVerifier|\w* ?\.? ?ALLOW_ALL)"),
    *_secrets("java", "="),
    Pattern("java-path", "CWE-22", _PATH_SAYS, rf"(?:\bnew (?:File|FileInputStream|FileOutputStream|FileReader|FileWriter|RandomAccessFile)|\bPaths? \. (?:get|of)) \( (?!{_REST}(?:getName|getBaseName) \(){_REST}{_SERVLET}"),
    Pattern("java-html", "CWE-79", _HTML_SAYS, rf"(?:getWriter \( \)|\b(?:out|writer)) \. (?:print|println|write|printf|append) \( (?!{_REST}(?i:\w*(?:escape|encode)\w*) \(){_REST}{_SERVLET}"),
    Pattern("java-ssrf", "CWE-918", _SSRF_SAYS, rf"(?:\bnew (?:URL|URI|HttpGet|HttpPost)|\bURI \. create) \( {_REST}{_SERVLET}"),
    Pattern("java-random", "CWE-330", _RANDOM_SAYS, rf"(?<!\S){_KEY_WORD} = {_REST}(?P<at>new Random|Math \. random|ThreadLocalRandom \. current|RandomStringUtils \. random\w*) \("),
    Pattern("java-random-maker", "CWE-330", _RANDOM_SAYS, rf"\b[\w\]>]+ {_KEY_MAKER} \( [^){{;]*\) \{{ (?:(?!(?:private|public|protected) )\S+ ){{0,150}}?(?P<at>new Random|Math \. random|ThreadLocalRandom \. current|RandomStringUtils \. random\w*) \("),
    Pattern("java-swallowed", "CWE-390", _SWALLOW_SAYS, r"(?<!\S)catch \( [^)⏎]*\) \{ (?:⏎ )?\}"),
    Pattern("java-identity", "CWE-597", _IDENTITY_SAYS, r'(?<!\S)[SKQV]"[^"]*" [!=]= |(?<=\S )[!=]= [SKQV]"[^"]*"'),
)  # fmt: skip  # a table

PATTERNS: Mapping[Language, tuple[Pattern, ...]] = {
    Language.PYTHON: _PYTHON,
    Language.JAVASCRIPT: _JAVASCRIPT,
    Language.TYPESCRIPT: _JAVASCRIPT,
    Language.TSX: _JAVASCRIPT,
    Language.GO: _GO,
    Language.JAVA: _JAVA,
}
