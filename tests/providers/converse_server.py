"""A server that stands in for Bedrock's Converse API: it takes only what botocore's description of it allows, and signed."""

import json
import re
import threading
import urllib.parse
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import botocore
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.session import Session
from botocore.validate import ParamValidator

OPERATION = Session().get_service_model("bedrock-runtime").operation_model("Converse")
ABOUT = f"a server that checks requests and answers by the service model of botocore {botocore.__version__}"

ERRORS = {
    401: (403, "UnrecognizedClientException"),
    403: (403, "AccessDeniedException"),
    404: (404, "ResourceNotFoundException"),
    429: (429, "ThrottlingException"),
    500: (500, "InternalServerException"),
    503: (503, "ServiceUnavailableException"),
}
STOPS = {"length": "max_tokens", "content_filter": "content_filtered"}


def problems(parameters):
    """What the service would refuse in them, "" for nothing."""
    return ParamValidator().validate(parameters, OPERATION.input_shape).generate_report()


def signed(method, url, headers, body, aws):
    """Whether the request carries the signature of this account."""
    given = re.search(r"SignedHeaders=([^,]+), Signature=(\w+)", headers["authorization"])
    request = AWSRequest(method, url, {name: headers[name] for name in given[1].split(";")}, body)
    request.context["timestamp"] = headers["x-amz-date"]
    auth = SigV4Auth(Credentials(aws.key_id, aws.secret_key), "bedrock", aws.region)
    return auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request) == given[2]


def answer(fixtures, text):
    """Status, headers and body for a user text, by the same fixtures that aimock reads."""
    found = next(f for f in fixtures if "model" not in f["match"] and f["match"]["userMessage"] in text)
    response = found["response"]
    if "chaos" in found:
        return 200, {}, '{"output": '
    if "error" in response:
        status, code = ERRORS[response["status"]]
        return status, {"x-amzn-ErrorType": code}, json.dumps({"message": response["error"]["message"]})
    content, usage = response["content"], response.get("usage", {})
    asked, answered = usage.get("prompt_tokens", 0), usage.get("completion_tokens", 0)
    body = {
        "output": {
            "message": {
                "role": "assistant",
                "content": [{"text": content if isinstance(content, str) else json.dumps(content)}],
            }
        },
        "stopReason": STOPS[response["finishReason"]] if "finishReason" in response else "end_turn",
        "usage": {"inputTokens": asked, "outputTokens": answered, "totalTokens": asked + answered},
        "metrics": {"latencyMs": 1},
    }
    assert not ParamValidator().validate(body, OPERATION.output_shape).has_errors()
    return 200, {}, json.dumps(body)


@contextmanager
def running(fixture_file, aws):
    """The server, as its address."""
    fixtures = json.loads(fixture_file.read_text("utf-8"))["fixtures"]

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            url = f"http://{headers['host']}{self.path}"
            model = urllib.parse.unquote(re.fullmatch(r"/model/([^/]+)/converse", self.path)[1])
            wrong = problems({"modelId": model, **json.loads(body)})
            if wrong or not signed("POST", url, headers, body, aws):
                raise SystemExit(f"refused: {wrong or 'the signature'}")
            text = "".join(block.get("text", "") for block in json.loads(body)["messages"][0]["content"])
            status, more, answered = answer(fixtures, text)
            self.send_response(status)
            for name, value in {"content-type": "application/json", **more}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(answered.encode())))
            self.end_headers()
            self.wfile.write(answered.encode())

        def log_message(self, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
