#include "tests/http_server/corpus.h"

#include <utility>

#include "tests/http_server/bench.h"

namespace baton {
namespace {

std::string line(const std::string& request_line) { return request_line + "\r\nHost: here\r\n\r\n"; }

std::string with(const std::string& field_lines) {
  return "GET /health HTTP/1.1\r\nHost: here\r\n" + field_lines + "\r\n";
}

std::string posted(const std::string& field_lines, const std::string& rest) {
  return "POST /echo HTTP/1.1\r\nHost: here\r\n" + field_lines + "\r\n" + rest;
}

void add_request_lines(std::vector<Case>& all) {
  all.push_back({"plain get", get("/health"), 200, "ok"});
  all.push_back({"query", get("/health?a=b"), 200, "ok"});
  all.push_back({"absolute form", line("GET http://elsewhere:80/health HTTP/1.1"), 200, "ok"});
  all.push_back({"other absolute form", line("GET ftp://elsewhere/health HTTP/1.1"), 400});
  all.push_back({"authority form", line("CONNECT here:80 HTTP/1.1"), 400});
  all.push_back({"asterisk", line("OPTIONS * HTTP/1.1"), 404});
  all.push_back({"empty line first", "\r\n" + get("/health"), 400});
  all.push_back({"trace", line("TRACE /health HTTP/1.1"), 405});
  all.push_back({"unknown method", line("BREW /health HTTP/1.1"), 405});
  all.push_back({"bad method", line("GE(T /health HTTP/1.1"), 400});
  all.push_back({"lower case version", line("GET /health http/1.1"), 400});
  all.push_back({"two spaces", line("GET  /health HTTP/1.1"), 400});
  all.push_back({"space in target", line("GET /heal th HTTP/1.1"), 400});
  all.push_back({"tab between", line("GET\t/health HTTP/1.1"), 400});
  all.push_back({"trailing space", line("GET /health HTTP/1.1 "), 400});
  all.push_back({"no version", line("GET /health"), 400});
  all.push_back({"long version", line("GET /health HTTP/1.11"), 400});
  all.push_back({"version 0.9", line("GET /health HTTP/0.9"), 505});
  all.push_back({"version 1.2", line("GET /health HTTP/1.2"), 505});
  all.push_back({"version 2.0", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505});
  all.push_back({"relative path", line("GET health HTTP/1.1"), 400});
  all.push_back({"bad escape", line("GET /items/%zz HTTP/1.1"), 400});
  all.push_back({"dot segments", line("GET /x/../health HTTP/1.1"), 404});
  all.push_back({"nul in target", line(std::string("GET /hea\0lth HTTP/1.1", 21)), 400});
  all.push_back({"garbage", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 not http", 400});
}

void add_lines_and_fields(std::vector<Case>& all) {
  all.push_back({"bare lf at the end of the request line", "GET /health HTTP/1.1\nHost: here\r\n\r\n", 400});
  all.push_back({"bare lf everywhere", "GET /health HTTP/1.1\nHost: here\n\n", 400});
  all.push_back({"bare lf in a value", with("X-A: b\nX-C: d\r\n"), 400});
  all.push_back({"bare cr in a value", with("X-A: b\rX-C: d\r\n"), 400});
  all.push_back({"cr cr lf", with("X-A: b\r\r\n"), 400});
  all.push_back({"lf cr", with("X-A: b\n\r"), 400});
  all.push_back({"nul in a value", with(std::string("X-A: b\0c\r\n", 10)), 400});
  all.push_back({"nul in a name", with(std::string("X\0A: b\r\n", 8)), 400});
  all.push_back({"delete in a value", with("X-A: b\x7f\r\n"), 400});
  all.push_back({"escape in a value", with("X-A: \x1b[0m\r\n"), 400});
  all.push_back({"space before the colon", with("X-A : b\r\n"), 400});
  all.push_back({"tab before the colon", with("X-A\t: b\r\n"), 400});
  all.push_back({"space before the colon of host", "GET /health HTTP/1.1\r\nHost : here\r\n\r\n", 400});
  all.push_back({"space before the first field", "GET /health HTTP/1.1\r\n Host: here\r\n\r\n", 400});
  all.push_back({"folded line", with("X-A: b\r\n c\r\n"), 400});
  all.push_back({"folded line with tab", with("X-A: b\r\n\tc\r\n"), 400});
  all.push_back({"line of a space only", with("X-A: b\r\n \r\n"), 400});
  all.push_back({"no colon", with("X-A\r\n"), 400});
  all.push_back({"no name", with(": b\r\n"), 400});
  all.push_back({"bad name", with("X A: b\r\n"), 400});
  all.push_back({"utf-8 in a name", with("X-\xc3\xa9: b\r\n"), 400});
  all.push_back({"empty value", with("X-A:\r\n"), 200, "ok"});
  all.push_back({"value without space", with("X-A:b\r\n"), 200, "ok"});
  all.push_back({"no host", "GET /health HTTP/1.1\r\n\r\n", 400});
  all.push_back({"empty host", "GET /health HTTP/1.1\r\nHost:\r\n\r\n", 400});
  all.push_back({"no host in 1.0", "GET /health HTTP/1.0\r\n\r\n", 200, "ok"});
  all.push_back({"two hosts", with("Host: here\r\n"), 400});
  all.push_back({"two hosts in other case", with("hOST: there\r\n"), 400});
  all.push_back({"bad connection", with("Connection: \"close\r\n"), 400});
}

void add_duplicates(std::vector<Case>& all) {
  for (const std::string name :
       {"Authorization", "Content-Type", "Webhook-Id", "webhook-timestamp", "Webhook-Signature", "svix-id",
        "svix-signature", "X-Hub-Signature", "X-Hub-Signature-256", "X-Slack-Signature",
        "X-Slack-Request-Timestamp", "Stripe-Signature", "X-Zendesk-Webhook-Signature",
        "X-Hubspot-Request-Timestamp", "Linear-Signature", "X-Twilio-Signature"}) {
    all.push_back({"two of " + name, with(name + ": a\r\n" + name + ": a\r\n"), 400});
  }
  // More than 512 bytes of header with TAB and UTF-8: the stock transport shifted such into the body.
  const std::string value = "gr\xc3\xbc\xc3\x9f\x65\tan\xff alle " + std::string(600, 'x');
  all.push_back(
      {"utf-8 and tab",
       "POST /fields HTTP/1.1\r\nHost: here\r\nX-Name: " + value + "\r\nContent-Length: 2\r\n\r\nhi", 200,
       "content-length=2\nhost=here\nx-name=" + value + "\n"});
  all.push_back({"repeated fields are joined",
                 "POST /fields HTTP/1.1\r\nHost: here\r\nX-A: 1\r\nCookie: a=1\r\nx-a:  2 \r\ncookie: b=2\r\n"
                 "Content-Length: 0\r\n\r\n",
                 200, "content-length=0\ncookie=a=1; b=2\nhost=here\nx-a=1, 2\n"});
}

void add_lengths(std::vector<Case>& all) {
  all.push_back({"body by length", posted("Content-Length: 5\r\n", "hello"), 200, "hello"});
  all.push_back({"no body", posted("", ""), 200, ""});
  all.push_back({"binary body", posted("Content-Length: 4\r\n", std::string("\0\r\n\xff", 4)), 200,
                 std::string("\0\r\n\xff", 4)});
  all.push_back({"leading zeros", posted("Content-Length: 0005\r\n", "hello"), 200, "hello"});
  all.push_back({"two lengths", posted("Content-Length: 5\r\nContent-Length: 6\r\n", "hello"), 400});
  all.push_back({"two equal lengths", posted("Content-Length: 5\r\nContent-Length: 5\r\n", "hello"), 400});
  all.push_back({"list of lengths", posted("Content-Length: 5, 5\r\n", "hello"), 400});
  all.push_back({"negative length", posted("Content-Length: -5\r\n", "hello"), 400});
  all.push_back({"signed length", posted("Content-Length: +5\r\n", "hello"), 400});
  all.push_back({"hex length", posted("Content-Length: 0x5\r\n", "hello"), 400});
  all.push_back({"empty length", posted("Content-Length:\r\n", "hello"), 400});
  all.push_back({"overlong length", posted("Content-Length: 99999999999999999999999\r\n", "hello"), 400});
  all.push_back({"huge length", posted("Content-Length: 18446744073709551615\r\n", "hello"), 413});
  all.push_back(
      {"length and coding", posted("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400});
  all.push_back(
      {"coding and length", posted("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"), 400});
  all.push_back(
      {"length and other coding", posted("Content-Length: 5\r\nTransfer-Encoding: gzip\r\n", "hello"), 400});
  all.push_back(  // the only one of the four that Beast lets pass
      {"other coding and length", posted("Transfer-Encoding: gzip\r\nContent-Length: 5\r\n", "hello"), 400});
  all.push_back({"two codings",
                 posted("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400});
  all.push_back({"list of codings", posted("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 501});
  all.push_back({"identity", posted("Transfer-Encoding: identity\r\n", "0\r\n\r\n"), 501});
  all.push_back({"chunked with a parameter", posted("Transfer-Encoding: chunked;q=1\r\n", "0\r\n\r\n"), 501});
  all.push_back({"chunked chunked", posted("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"), 501});
  all.push_back({"coding in quotes", posted("Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n"), 501});
  all.push_back({"empty coding", posted("Transfer-Encoding:\r\n", "0\r\n\r\n"), 501});
  all.push_back({"coding in 1.0",
                 "POST /echo HTTP/1.0\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400});
  all.push_back({"other expectation", posted("Expect: a miracle\r\nContent-Length: 5\r\n", "hello"), 417});
}

void add_chunks(std::vector<Case>& all) {
  const auto add = [&](const std::string& name, const std::string& chunks, int status,
                       const std::string& body = {}) {
    all.push_back({"chunks: " + name, chunked("/echo", chunks), status, body});
  };
  add("two", "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", 200, "hello world");
  add("none", "0\r\n\r\n", 200, "");
  add("upper case size", "A\r\n0123456789\r\n0\r\n\r\n", 200, "0123456789");
  add("leading zeros", "0005\r\nhello\r\n000\r\n\r\n", 200, "hello");
  add("extension", "5;a=b;c=\"d e\"\r\nhello\r\n0;z\r\n\r\n", 200, "hello");
  add("trailer", "5\r\nhello\r\n0\r\nX-T: 1\r\nHost: elsewhere\r\n\r\n", 200, "hello");
  add("trailer with framing", "5\r\nhello\r\n0\r\nContent-Length: 9\r\n\r\n", 200, "hello");
  add("negative size", "-5\r\nhello\r\n0\r\n\r\n", 400);
  add("signed size", "+5\r\nhello\r\n0\r\n\r\n", 400);
  add("prefixed size", "0x5\r\nhello\r\n0\r\n\r\n", 400);
  add("size that is no hex", "g\r\nhello\r\n0\r\n\r\n", 400);
  add("no size", "\r\nhello\r\n0\r\n\r\n", 400);
  add("overlong size", "fffffffffffffffff\r\nhello\r\n0\r\n\r\n", 400);
  add("largest size", "ffffffffffffffff\r\nhello\r\n0\r\n\r\n", 413);
  add("size that wraps to a small one", "10000000000000005\r\nhello\r\n0\r\n\r\n", 400);
  add("space before the size", " 5\r\nhello\r\n0\r\n\r\n", 400);
  add("data longer than its size", "5\r\nhello!\r\n0\r\n\r\n", 400);
  add("data shorter than its size", "6\r\nhello\r\n0\r\n\r\nxxxxxxx", 400);
  add("bare lf after the size", "5\nhello\r\n0\r\n\r\n", 400);
  add("bare lf in an extension", "5;a\nb\r\nhello\r\n0\r\n\r\n", 400);
  add("bare cr after the size", "5\rhello\r\n0\r\n\r\n", 400);
  add("bare lf after the data", "5\r\nhello\n0\r\n\r\n", 400);
  add("bare lf in the trailer", "5\r\nhello\r\n0\r\nX-T: 1\nX-U: 2\r\n\r\n", 400);
  add("folded trailer without a name", "5\r\nhello\r\n0\r\n X-T: 1\r\n\r\n", 400);
}

}  // namespace

std::vector<Case> corpus() {
  std::vector<Case> all;
  add_request_lines(all);
  add_lines_and_fields(all);
  add_duplicates(all);
  add_lengths(all);
  add_chunks(all);
  return all;
}

}  // namespace baton
