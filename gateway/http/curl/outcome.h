// Purpose: what a transfer that brought no reply means for the caller. Pure.
// Owner: none. Threads: any.
// Errors: the Failure it returns.
//
// What decides between `retryable` and `ambiguous` is a fact and not a guess from libcurl's code: did
// any byte of the request leave through the socket (CURLINFO_REQUEST_SIZE, summed over libcurl's own
// retries)? The code then tells a mistake of configuration apart, and gives the words.
#pragma once

#include <string>
#include <string_view>

#include <curl/curl.h>

#include "gateway/base/result.h"

namespace baton {

struct Ending {
  CURLcode code = CURLE_OK;
  bool bytes_sent = false;  // of the request itself; a TLS handshake is none of it
  std::string what;         // "POST to api.vendor.example:443"; no path, it may hold a token
  std::string reason;       // our own words if we ended it, else libcurl's
};

Failure to_failure(const Ending& ending);

}  // namespace baton
