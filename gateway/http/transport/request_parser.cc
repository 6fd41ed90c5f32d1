#include "gateway/http/transport/request_parser.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include "gateway/base/mutant.h"
#include "gateway/base/text.h"

namespace baton {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;
using boost::beast::string_view;

std::string_view view(string_view text) { return {text.data(), text.size()}; }

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

bool starts_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

// "http://host/path" names the same thing as "/path" (RFC 9112, section 3.2.2).
bool to_origin_form(std::string& target) {
  if (target == "*") return true;
  if (!target.empty() && target.front() == '/') return true;
  const auto scheme = target.find("://");
  if (scheme == std::string::npos) return false;
  if (!equals_ignoring_case(target.substr(0, scheme), "http") &&
      !equals_ignoring_case(target.substr(0, scheme), "https")) {
    return false;
  }
  const auto path = target.find_first_of("/?", scheme + 3);
  target.erase(0, path);
  if (target.empty() || target.front() != '/') target.insert(0, 1, '/');
  return true;
}

}  // namespace

bool must_be_single(std::string_view name) {
  static constexpr std::string_view kNames[] = {"host",          "content-length", "transfer-encoding",
                                                "authorization", "content-type",   "expect"};
  if (std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames)) return true;
  if (BATON_MUTANT(second_signature_joined)) return false;
  return starts_with(name, "webhook-") || starts_with(name, "svix-") || starts_with(name, "x-slack-") ||
         name.find("signature") != std::string_view::npos || ends_with(name, "-timestamp");
}

// Beast's events, written straight into the request: no container of its own between.
class RequestParser::Beast final : public http::basic_parser<true> {
 public:
  Beast() {
    header_limit(std::numeric_limits<std::uint32_t>::max());  // the scanner has bounded it
    // We bound it when the route is known. Not boost::none: Beast 1.74 takes that for less than any length.
    body_limit(std::numeric_limits<std::uint64_t>::max());
  }

  RawRequest request;
  std::optional<Refusal> refusal;
  bool http_1_0 = false;
  bool has_length = false;
  bool has_coding = false;

 private:
  void on_request_impl(http::verb, string_view method, string_view target, int version,
                       error_code&) override {
    request.method = view(method);
    request.target = view(target);
    http_1_0 = version == 10;
  }

  void on_field_impl(http::field, string_view name, string_view value, error_code& error) override {
    auto key = to_lower(view(name));
    has_length = has_length || key == "content-length";
    has_coding = has_coding || key == "transfer-encoding";
    if (has_length && has_coding && !BATON_MUTANT(two_lengths_taken))
      return refuse(Refusal::conflicting_length, error);
    const auto [at, first] = request.headers.try_emplace(std::move(key), view(value));
    if (first) return;
    if (must_be_single(at->first)) return refuse(Refusal::duplicate_header, error);
    at->second.append(at->first == "cookie" ? "; " : ", ").append(view(value));
  }

  void on_header_impl(error_code& error) override { error = {}; }
  // Only the head is Beast's (chunk_decoder.h says why).
  void on_body_init_impl(boost::optional<std::uint64_t> const&, error_code& error) override { error = {}; }
  std::size_t on_body_impl(string_view, error_code&) override { return 0; }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view, error_code&) override { return 0; }
  void on_finish_impl(error_code& error) override { error = {}; }
  void on_response_impl(int, string_view, int, error_code&) override {}

  void refuse(Refusal why, error_code& error) {
    refusal = why;
    error = http::error::bad_field;
  }
};

namespace {

std::optional<Refusal> check_meaning(const Request& request, bool http_1_0) {
  const auto& headers = request.headers;
  // HTTP/1.0 knows neither Host nor codings; a Host is asked for all the same when it stands there.
  if (header(headers, "host").empty() && !(http_1_0 && !headers.contains("host")))
    return Refusal::missing_host;
  if (const auto length = headers.find("content-length"); length != headers.end()) {
    const auto& digits = length->second;  // Beast takes a list of equal numbers
    if (digits.empty() || digits.find_first_not_of("0123456789") != std::string::npos) {
      return Refusal::conflicting_length;
    }
  }
  if (const auto coding = headers.find("transfer-encoding"); coding != headers.end()) {
    if (http_1_0) return Refusal::conflicting_length;
    if (!equals_ignoring_case(coding->second, "chunked")) return Refusal::unsupported_coding;
  }
  if (const auto expect = headers.find("expect"); expect != headers.end()) {
    if (!equals_ignoring_case(expect->second, "100-continue")) return Refusal::expectation_failed;
  }
  return std::nullopt;
}

Refusal why(const error_code& error) {
  if (error == http::error::bad_content_length || error == http::error::bad_transfer_encoding) {
    return Refusal::conflicting_length;
  }
  return error == http::error::bad_version ? Refusal::unsupported_version : Refusal::malformed_request;
}

}  // namespace

RequestParser::RequestParser(const ServerLimits& limits)
    : limits_(limits), scanner_(limits), beast_(std::make_unique<Beast>()) {}
RequestParser::~RequestParser() = default;

RequestParser::Progress RequestParser::feed_head(std::string_view seen) {
  Progress progress;
  progress.refusal = scanner_.scan(seen);
  if (progress.refusal || !scanner_.complete()) return progress;
  error_code error;
  const auto consumed = beast_->put(boost::asio::buffer(seen.data(), scanner_.size()), error);
  if (error || !beast_->is_header_done() || consumed != scanner_.size()) {
    progress.refusal = beast_->refusal.value_or(why(error));
    return progress;
  }
  progress.refusal = check_meaning(beast_->request, beast_->http_1_0);
  if (progress.refusal) return progress;
  if (!to_origin_form(beast_->request.target)) progress.refusal = Refusal::malformed_request;
  length_ = beast_->content_length().value_or(0);
  if (beast_->chunked()) chunks_.emplace(0, limits_.header_bytes);
  progress.consumed = consumed;
  progress.ready = true;
  return progress;
}

RequestParser::Progress RequestParser::feed_body(std::string_view unread) {
  Progress progress;
  auto& body = beast_->request.body;
  if (chunks_) {
    progress.refusal = chunks_->feed(unread, progress.consumed, body);
  } else {
    progress.consumed =
        static_cast<std::size_t>(std::min<std::uint64_t>(unread.size(), length_ - body.size()));
    body.append(unread.substr(0, progress.consumed));
  }
  progress.ready = !has_body();
  return progress;
}

const Request& RequestParser::request() const { return beast_->request; }
bool RequestParser::has_body() const {
  return chunks_ ? !chunks_->done() : beast_->request.body.size() < length_;
}
bool RequestParser::expects_continue() const {
  return !beast_->http_1_0 && beast_->request.headers.contains("expect");
}
bool RequestParser::keep_alive() const { return beast_->keep_alive(); }
bool RequestParser::is_http_1_0() const { return beast_->http_1_0; }
std::size_t RequestParser::body_bytes() const { return beast_->request.body.size(); }

std::optional<Refusal> RequestParser::limit_body(std::size_t max_body_bytes) {
  if (chunks_) chunks_.emplace(max_body_bytes, limits_.header_bytes);
  if (length_ > max_body_bytes + BATON_MUTANT(body_limit_off_by_one)) return Refusal::body_too_large;
  // No more than this in advance: a stated length costs its sender nothing.
  beast_->request.body.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(length_, 65'536)));
  return std::nullopt;
}

RawRequest RequestParser::take() { return std::move(beast_->request); }

}  // namespace baton
