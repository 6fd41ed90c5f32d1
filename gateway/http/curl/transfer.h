// Purpose: one exchange at libcurl: its options, its callbacks, and what came of it.
// Owner: the coroutine that awaits it; destroying it at any time takes it out of libcurl.
// Threads: the loop. The request and the options given must outlive it.
// Errors: conclude() yields the reply or a Failure (outcome.h).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <curl/curl.h>

#include "gateway/base/task.h"
#include "gateway/http/curl/answer.h"
#include "gateway/http/curl/curl_client.h"
#include "gateway/http/curl/outcome.h"

namespace baton {

class Pool;

class Transfer {
 public:
  // `pins` is the list for CURLOPT_RESOLVE, or null.
  Transfer(std::shared_ptr<Pool> pool, const CurlOptions& options, curl_slist* pins, CurlStats& stats,
           const Request& request);
  ~Transfer();
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  // Fails at once, without a packet, for a request that must not or cannot be sent.
  Result<Done> start(Duration timeout);
  // Who is to be resumed at the end.
  void wakes(std::weak_ptr<Waiter> waiter) { waiter_ = std::move(waiter); }
  // Ends the transfer if it has not ended yet. Once only.
  Result<Reply> conclude(TimePoint now);

  // Called by the pool: libcurl is done with it, or must be made to be.
  void finished(CURLcode code);
  void cut(std::string reason);

 private:
  Result<Done> check_method();
  Result<Done> read_url();
  Result<Done> list_headers();
  void set_request(Duration timeout);
  void set_safety();
  void set_callbacks();
  template <class Value>
  void set(CURLoption option, Value value);

  bool bytes_sent() const;
  void release();  // takes the handle out of libcurl and wipes what we copied

  std::size_t on_header(std::string_view line);
  std::size_t on_body(std::string_view piece);
  int on_request();
  curl_socket_t on_open(curl_sockaddr& to);

  std::shared_ptr<Pool> pool_;
  const CurlOptions& options_;
  curl_slist* pins_;
  CurlStats& stats_;
  const Request& request_;
  std::weak_ptr<Waiter> waiter_;

  CURL* easy_ = nullptr;
  CURLU* url_ = nullptr;
  curl_slist* headers_ = nullptr;
  bool added_ = false;
  bool https_ = true;
  int requests_begun_ = 0;
  bool address_allowed_ = false;  // at least one
  std::optional<Failure> refusal_;
  char error_[CURL_ERROR_SIZE] = {};

  Answer answer_;
  int status_ = 0;
  Ending ending_;
  bool ended_ = false;
};

}  // namespace baton
