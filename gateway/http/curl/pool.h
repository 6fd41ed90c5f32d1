// Purpose: one libcurl multi handle on the loop, with its own connections. libcurl matches a kept
// connection by host, port and TLS settings, never by the credential in a header: the multi handle
// is the only wall between two credentials, so each pool has one.
// Owner: the client, and each transfer inside the pool (shared: a pool that was retired lives until
// its last transfer ends). Threads: the loop.
// Errors: none of its own; a transfer learns its CURLcode.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <unordered_set>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <curl/curl.h>

#include "gateway/base/task.h"

namespace baton {

struct CurlStats;
class Transfer;

class Pool : public std::enable_shared_from_this<Pool> {
 public:
  Pool(Loop& loop, CurlStats& stats, std::size_t max_connections);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // `easy` belongs to the transfer, which is told of its end once and may remove() it before.
  bool add(Transfer& transfer, CURL* easy);
  void remove(Transfer& transfer, CURL* easy);

  bool idle() const { return transfers_.empty(); }
  TimePoint last_used;

  // Ends all transfers and closes all connections; the pool is spent.
  void shut();

  // For CURLOPT_OPENSOCKETFUNCTION and CURLOPT_CLOSESOCKETFUNCTION.
  curl_socket_t open_socket(int family, int type, int protocol);
  int close_socket(curl_socket_t fd);

 private:
  struct Socket;

  void watch(curl_socket_t fd, int what);
  void set_timer(long milliseconds);
  void act(curl_socket_t fd, int events);
  void arm(const std::shared_ptr<Socket>& socket);
  void wait(const std::shared_ptr<Socket>& socket, int direction);
  std::shared_ptr<Socket> adopt(curl_socket_t fd, bool ours);
  void drop(curl_socket_t fd);

  Loop& loop_;
  CurlStats& stats_;
  CURLM* multi_;
  net::steady_timer timer_;
  bool kicked_ = false;
  std::unordered_map<curl_socket_t, std::shared_ptr<Socket>> sockets_;  // shared with their waits
  std::unordered_set<Transfer*> transfers_;
};

}  // namespace baton
