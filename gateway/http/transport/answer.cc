#include "gateway/http/transport/answer.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "gateway/base/text.h"
#include "gateway/http/transport/refusal.h"

namespace baton {
namespace {

bool is_token(std::string_view name) {
  static constexpr std::string_view kAlso = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
           kAlso.find(byte) != std::string_view::npos;
  });
}

// What a handler copied from elsewhere must not end the field and start another.
bool is_value(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char byte) {
    const auto code = static_cast<unsigned char>(byte);
    return (code >= 0x20 && code != 0x7f) || code == '\t';
  });
}

bool can_be_sent(const Reply& reply) {
  return reply.status >= 200 && reply.status <= 599 &&
         std::all_of(reply.headers.begin(), reply.headers.end(),
                     [](const auto& field) { return is_token(field.first) && is_value(field.second); });
}

// These are the transport's own.
bool is_framing(std::string_view name) {
  static constexpr std::string_view kOurs[] = {"connection", "content-length", "date", "keep-alive",
                                               "transfer-encoding"};
  return std::any_of(std::begin(kOurs), std::end(kOurs),
                     [&](std::string_view ours) { return equals_ignoring_case(ours, name); });
}

bool may_have_body(int status) { return status != 204 && status != 304; }

}  // namespace

net::awaitable<Reply> answer(const Handler& handler, RawRequest request, bool misbehaves) {
  try {
    auto result = co_await handler(std::move(request));
    if (result && (can_be_sent(*result) || (misbehaves && result->status == 0))) co_return std::move(*result);
  } catch (...) {
    // What it says is for nobody outside; who throws is expected to log where it happens.
  }
  co_return problem(Refusal::internal_error);
}

void write_head(const Reply& reply, const AnswerForm& form, std::string& out) {
  out.append("HTTP/1.1 ").append(std::to_string(reply.status)).append(" ");
  out.append(reason_phrase(reply.status)).append("\r\nDate: ").append(form.date);
  out.append(form.keep_alive ? "\r\nConnection: keep-alive\r\n" : "\r\nConnection: close\r\n");
  if (may_have_body(reply.status)) {
    out.append("Content-Length: ").append(std::to_string(reply.body.size())).append("\r\n");
  }
  if (reply.retry_after) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(std::max(*reply.retry_after, Duration{0}));
    out.append("Retry-After: ").append(std::to_string(seconds.count())).append("\r\n");
  }
  for (const auto& [name, value] : reply.headers) {
    if (is_framing(name) || (reply.retry_after && equals_ignoring_case(name, "retry-after"))) continue;
    out.append(name).append(": ").append(value).append("\r\n");
  }
  out.append("\r\n");
}

bool has_body(const Reply& reply, const AnswerForm& form) {
  return !form.head_only && may_have_body(reply.status) && !reply.body.empty();
}

}  // namespace baton
