#include "gateway/http/curl/transfer.h"

#include <algorithm>

#include <string.h>

#include "gateway/base/mutant.h"
#include "gateway/base/text.h"
#include "gateway/http/curl/library.h"
#include "gateway/http/curl/pool.h"

namespace baton {
namespace {

bool is_token(std::string_view text) {
  constexpr std::string_view kOther = "!#$%&'*+-.^_`|~";
  const auto fits = [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kOther.find(c) != std::string_view::npos;
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), fits);
}

bool is_field_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

// Framing and connection are libcurl's business: a second word on them is how requests get smuggled.
bool is_framing(std::string_view name) {
  constexpr std::string_view kNames[] = {"connection", "content-length",    "expect", "host", "keep-alive",
                                         "te",         "transfer-encoding", "upgrade"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

// RFC 9110, section 9.2.1. Everything else may change something, whatever the vendor says.
bool is_read(std::string_view method) { return method == "GET" || method == "HEAD" || method == "OPTIONS"; }

void append(curl_slist*& list, const char* line) {
  auto* const longer = curl_slist_append(list, line);
  BATON_CHECK(longer);
  list = longer;
}

void wipe_headers(curl_slist* list) {
  for (auto* line = list; line != nullptr; line = line->next)
    ::explicit_bzero(line->data, ::strlen(line->data));
  curl_slist_free_all(list);
}

std::string part_of(CURLU* url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK) return {};
  std::string copied(text);
  curl_free(text);
  return copied;
}

}  // namespace

Transfer::Transfer(std::shared_ptr<Pool> pool, const CurlOptions& options, curl_slist* pins, CurlStats& stats,
                   const Request& request)
    : pool_(std::move(pool)), options_(options), pins_(pins), stats_(stats), request_(request),
      answer_(options.bounds) {}

Transfer::~Transfer() { release(); }

Result<Done> Transfer::start(Duration timeout) {
  for (const auto step : {&Transfer::check_method, &Transfer::read_url, &Transfer::list_headers}) {
    if (auto done = (this->*step)(); !done) return done;
  }
  easy_ = curl_easy_init();
  BATON_CHECK(easy_);
  set_request(timeout);
  set_safety();
  set_callbacks();
  added_ = pool_->add(*this, easy_);
  if (!added_) return Failure(FailureKind::retryable, ending_.what + ": the client is stopping");
  return Done{};
}

// Read by libcurl's own parser, and handed to it in that form: two parsers that disagree about the
// host would defeat every check between them.
Result<Done> Transfer::read_url() {
  const auto refuse = [this](const std::string& why) {
    return Failure(FailureKind::misconfigured, ending_.what + ": " + why);
  };
  ending_.what = request_.method;
  url_ = curl_url();
  BATON_CHECK(url_);
  if (request_.target.find('\0') != std::string::npos) return refuse("the URL holds a NUL");
  const auto read = curl_url_set(url_, CURLUPART_URL, request_.target.c_str(),
                                 CURLU_PATH_AS_IS | CURLU_DISALLOW_USER | CURLU_NON_SUPPORT_SCHEME);
  if (read != CURLUE_OK) return refuse(std::string("the URL cannot be used: ") + curl_url_strerror(read));
  const auto scheme = part_of(url_, CURLUPART_SCHEME);
  if (scheme != "https" && scheme != "http") return refuse("only https URLs are called, not " + scheme);
  https_ = scheme == "https";
  const auto host = part_of(url_, CURLUPART_HOST);
  ending_.what = request_.method + " to " + scheme + "://" + host + ":" +
                 part_of(url_, CURLUPART_PORT, CURLU_DEFAULT_PORT);
  if (https_ || options_.addresses.allows_http()) return Done{};
  return refuse(
      "plain http is not allowed. Use https, or list the address in `allow` and set `allow_http: true`");
}

Result<Done> Transfer::check_method() {
  if (is_token(request_.method)) return Done{};
  return Failure(FailureKind::misconfigured, "the request's method is not a word of letters");
}

Result<Done> Transfer::list_headers() {
  for (const auto& [name, value] : request_.headers) {
    if (!is_token(name) || !is_field_value(value)) {
      return Failure(
          FailureKind::misconfigured,
          ending_.what + ": the header " + (is_token(name) ? name : "with an impossible name") +
              " holds a line break or another byte that cannot be sent; check the setting behind it");
    }
    if (is_framing(to_lower(name))) continue;
    // "Name;" is libcurl's way to write a field without a value.
    std::string line = value.empty() ? name + ";" : name + ": " + value;
    append(headers_, line.c_str());
    ::explicit_bzero(line.data(), line.size());
  }
  append(headers_, "Expect:");
  // Without this libcurl would call every body a form.
  if (header(request_.headers, "content-type").empty()) append(headers_, "Content-Type:");
  return Done{};
}

template <class Value>
void Transfer::set(CURLoption option, Value value) {
  BATON_CHECK(curl_easy_setopt(easy_, option, value) == CURLE_OK);
}

void Transfer::set_request(Duration timeout) {
  set(CURLOPT_CURLU, url_);
  set(CURLOPT_PATH_AS_IS, 1L);  // a repeat parses the URL again
  set(CURLOPT_HTTPHEADER, headers_);
  const auto& method = request_.method;
  if (method == "HEAD") {
    set(CURLOPT_NOBODY, 1L);
  } else if (request_.body.empty() && method != "POST" && method != "PUT" && method != "PATCH") {
    set(CURLOPT_HTTPGET, 1L);
  } else {
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
    set(CURLOPT_POSTFIELDS, request_.body.data());
  }
  if (method != "HEAD") set(CURLOPT_CUSTOMREQUEST, method.c_str());
  if (header(request_.headers, "user-agent").empty()) set(CURLOPT_USERAGENT, options_.user_agent.c_str());
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(std::max(timeout, 1ms).count()));
  set(CURLOPT_CONNECTTIMEOUT_MS,
      static_cast<long>(std::clamp(options_.connect, 1ms, std::max(timeout, 1ms)).count()));
  set(CURLOPT_LOW_SPEED_LIMIT, static_cast<long>(options_.min_bytes_per_second));
  set(CURLOPT_LOW_SPEED_TIME,
      static_cast<long>(std::max(1s, std::chrono::ceil<std::chrono::seconds>(options_.stall)).count()));
  set(CURLOPT_MAXAGE_CONN,
      static_cast<long>(std::chrono::ceil<std::chrono::seconds>(options_.idle_connection).count()));
  // HTTP/1.1 only: one request per connection at a time, so that one answer gone wrong cannot take
  // others with it, and "did it leave" has a plain meaning.
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_TCP_NODELAY, 1L);
  // Held while the vendor thinks, by each of a thousand. Answers are short; what TLS sends is copied into the
  // second, which is 64 KiB unless it is said to be the least.
  set(CURLOPT_BUFFERSIZE, 4096L);
  set(CURLOPT_UPLOAD_BUFFERSIZE, 16384L);
}

// Most of these are libcurl's defaults; what is stated cannot change with a version.
void Transfer::set_safety() {
  set(CURLOPT_NOSIGNAL, 1L);
  // Without it the end of a transfer joins its resolver thread: the loop would stand for as long as
  // a dead name server takes (libcurl 7.88, lib/asyn-thread.c, Curl_resolver_kill).
  set(CURLOPT_QUICK_EXIT, 1L);
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, BATON_MUTANT(redirect_followed) ? 1L : 0L);
  set(CURLOPT_HTTP09_ALLOWED, 0L);
  if (!BATON_MUTANT(proxy_of_environment)) {
    set(CURLOPT_PROXY, "");  // unset, the environment would decide
    set(CURLOPT_NOPROXY, "*");
  }
  set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, BATON_MUTANT(host_not_verified) ? 0L : 2L);
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!options_.ca_file.empty()) {
    set(CURLOPT_CAINFO, options_.ca_file.c_str());
  } else if (has_ca_folder()) {
    // The folder alone: beside it libcurl would parse the whole bundle again for each connection.
    set(CURLOPT_CAINFO, static_cast<const char*>(nullptr));
  }
  if (pins_ != nullptr) set(CURLOPT_RESOLVE, pins_);
}

void Transfer::set_callbacks() {
  set(CURLOPT_PRIVATE, this);
  set(CURLOPT_ERRORBUFFER, error_);
  using Bytes = std::size_t (*)(char*, std::size_t, std::size_t, void*) noexcept;
  set(CURLOPT_HEADERDATA, this);
  set(CURLOPT_HEADERFUNCTION, Bytes([](char* bytes, std::size_t, std::size_t size, void* self) noexcept {
        return static_cast<Transfer*>(self)->on_header(std::string_view(bytes, size));
      }));
  set(CURLOPT_WRITEDATA, this);
  set(CURLOPT_WRITEFUNCTION, Bytes([](char* bytes, std::size_t, std::size_t size, void* self) noexcept {
        return static_cast<Transfer*>(self)->on_body(std::string_view(bytes, size));
      }));
  set(CURLOPT_PREREQDATA, this);
  set(
      CURLOPT_PREREQFUNCTION, +[](void* self, char*, char*, int, int) noexcept {
        return static_cast<Transfer*>(self)->on_request();
      });
  set(CURLOPT_OPENSOCKETDATA, this);
  set(
      CURLOPT_OPENSOCKETFUNCTION, +[](void* self, curlsocktype, curl_sockaddr* to) noexcept {
        return static_cast<Transfer*>(self)->on_open(*to);
      });
  // A connection outlives the transfer that opened it, but not its pool.
  set(CURLOPT_CLOSESOCKETDATA, pool_.get());
  set(
      CURLOPT_CLOSESOCKETFUNCTION,
      +[](void* pool, curl_socket_t fd) noexcept { return static_cast<Pool*>(pool)->close_socket(fd); });
}

std::size_t Transfer::on_header(std::string_view line) {
  return answer_.take_header(line) ? line.size() : CURL_WRITEFUNC_ERROR;
}

std::size_t Transfer::on_body(std::string_view piece) {
  return answer_.take_body(piece) ? piece.size() : CURL_WRITEFUNC_ERROR;
}

// Called each time before the request is written to a connection. When a kept connection closes
// before the first byte of the answer, libcurl by itself sends the request again elsewhere, POSTs
// too (lib/transfer.c, Curl_retry_request), although the peer may have acted on the first copy. A
// write of which any byte has left is therefore stopped here before its second copy.
int Transfer::on_request() {
  if (requests_begun_++ == 0) return CURL_PREREQFUNC_OK;
  if (!is_read(request_.method) && bytes_sent() && !BATON_MUTANT(write_repeated)) {
    ending_.reason = "the peer closed a kept connection without an answer";
    return CURL_PREREQFUNC_ABORT;
  }
  answer_.restart();
  return CURL_PREREQFUNC_OK;
}

// The only place where a connection begins. Kept connections were judged here when they were opened.
curl_socket_t Transfer::on_open(curl_sockaddr& to) {
  const auto endpoint = endpoint_of(to.addr);
  auto judged = endpoint ? options_.addresses.judge(*endpoint, https_)
                         : Failure(FailureKind::misconfigured, "an address that is neither IPv4 nor IPv6");
  const bool by_name =
      BATON_MUTANT(address_checked_before_dns_only) && !parse_address(part_of(url_, CURLUPART_HOST));
  if (!judged && !by_name) {
    ++stats_.refused;
    refusal_ = judged.error();
    return CURL_SOCKET_BAD;
  }
  address_allowed_ = true;
  return pool_->open_socket(to.family, to.socktype, to.protocol);
}

bool Transfer::bytes_sent() const {
  long sent = 0;
  curl_easy_getinfo(easy_, CURLINFO_REQUEST_SIZE, &sent);
  return sent > 0;
}

void Transfer::finished(CURLcode code) {
  if (std::exchange(ended_, true)) return;
  ending_.code = code;
  ending_.bytes_sent = bytes_sent();
  long status = 0;
  long connects = 0;
  curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(easy_, CURLINFO_NUM_CONNECTS, &connects);
  status_ = static_cast<int>(status);
  stats_.received += answer_.counted_bytes();
  if (requests_begun_ > 0 && connects == 0) ++stats_.reused;
  if (!answer_.breach().empty()) ending_.reason = answer_.breach();
  if (ending_.reason.empty()) ending_.reason = error_;
  release();
  if (const auto waiter = waiter_.lock()) waiter->resume();
}

void Transfer::cut(std::string reason) {
  if (ended_) return;
  ending_.reason = std::move(reason);
  finished(CURLE_ABORTED_BY_CALLBACK);
}

Result<Reply> Transfer::conclude(TimePoint now) {
  if (!ended_) {
    ending_.reason = "no whole answer by the deadline";
    waiter_.reset();
    finished(CURLE_OPERATION_TIMEDOUT);
  }
  if (ending_.code == CURLE_OK && answer_.head_complete()) return answer_.release(status_, now);
  if (ending_.code == CURLE_OK) {
    ending_.code = CURLE_PARTIAL_FILE;
    ending_.reason = "the connection ended inside the answer's head";
  }
  if (refusal_ && !ending_.bytes_sent) {
    // With a permitted address beside it, the next try may succeed.
    if (address_allowed_) ending_.reason += "; " + refusal_->detail;
    if (!address_allowed_) return Failure(refusal_->kind, ending_.what + ": " + refusal_->detail);
  }
  return to_failure(ending_);
}

void Transfer::release() {
  if (std::exchange(added_, false)) pool_->remove(*this, easy_);
  if (easy_ != nullptr) curl_easy_cleanup(std::exchange(easy_, nullptr));
  if (url_ != nullptr) curl_url_cleanup(std::exchange(url_, nullptr));
  wipe_headers(std::exchange(headers_, nullptr));
}

}  // namespace baton
