#include "gateway/http/transport/refusal.h"

#include <string>

#include "gateway/base/check.h"

namespace baton {
namespace {

struct Row {
  Refusal refusal;
  int status;
  std::string_view code;
  std::string_view detail;
};

constexpr Row kRows[] = {
    {Refusal::malformed_request, 400, "malformed_request",
     "The request line or a header field is not HTTP/1.1."},
    {Refusal::missing_host, 400, "missing_host", "A request needs exactly one Host field."},
    {Refusal::duplicate_header, 400, "duplicate_header",
     "A field that decides about length, sender or signature stands there more than once."},
    {Refusal::conflicting_length, 400, "conflicting_length",
     "Give either one Content-Length or Transfer-Encoding: chunked, not both."},
    {Refusal::malformed_body, 400, "malformed_body", "The chunked body is malformed."},
    {Refusal::unsupported_coding, 501, "unsupported_coding",
     "The only transfer coding taken here is chunked."},
    {Refusal::unsupported_version, 505, "unsupported_version", "Use HTTP/1.1."},
    {Refusal::expectation_failed, 417, "expectation_failed",
     "The only expectation met here is 100-continue."},
    {Refusal::header_too_large, 431, "header_too_large", "The header fields together are too large."},
    {Refusal::too_many_headers, 431, "too_many_headers", "There are too many header fields."},
    {Refusal::target_too_long, 414, "target_too_long", "The request target is too long."},
    {Refusal::body_too_large, 413, "body_too_large", "The body is larger than this path takes."},
    {Refusal::not_found, 404, "not_found", "There is nothing at this path."},
    {Refusal::method_not_allowed, 405, "method_not_allowed",
     "This path does not take this method; see Allow."},
    {Refusal::request_timeout, 408, "request_timeout", "The request did not arrive in time."},
    {Refusal::internal_error, 500, "internal_error",
     "The request could not be handled; it is safe to look it up."},
    {Refusal::overloaded, 503, "overloaded", "Too many requests are under way; try again shortly."},
    {Refusal::buffers_full, 503, "buffers_full", "Too many bodies are being received; try again shortly."},
    {Refusal::handler_timeout, 503, "handler_timeout",
     "No answer in time; the request may still take effect."},
};
static_assert(std::size(kRows) == kRefusals);

const Row& row(Refusal refusal) {
  const auto& found = kRows[static_cast<std::size_t>(refusal)];
  BATON_CHECK(found.refusal == refusal);
  return found;
}

}  // namespace

int status(Refusal refusal) { return row(refusal).status; }
std::string_view name(Refusal refusal) { return row(refusal).code; }

Reply problem(Refusal refusal) {
  const auto& facts = row(refusal);
  std::string body = R"({"type":"about:blank","title":")";
  body.append(reason_phrase(facts.status)).append(R"(","status":)").append(std::to_string(facts.status));
  body.append(R"(,"code":")").append(facts.code).append(R"(","detail":")").append(facts.detail).append("\"}");
  Reply reply(facts.status, std::move(body));
  reply.headers.emplace("content-type", "application/problem+json");
  if (facts.status == 503) reply.retry_after = Duration{1'000};
  return reply;
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 100: return "Continue";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 417: return "Expectation Failed";
    case 422: return "Unprocessable Content";
    case 428: return "Precondition Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    default: return "Unknown";
  }
}

}  // namespace baton
