#include "gateway/http/curl/pool.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/http/curl/curl_client.h"
#include "gateway/http/curl/transfer.h"

namespace baton {

// A descriptor that libcurl watches. Sockets that we opened stay registered with the loop until they
// are closed, so that reusing a connection costs no registration. The resolver's socket pair is
// libcurl's own; it is given back as soon as libcurl stops watching it.
struct Pool::Socket {
  Socket(Loop& loop, curl_socket_t fd_in, bool ours_in) : descriptor(loop), fd(fd_in), ours(ours_in) {}

  net::posix::stream_descriptor descriptor;
  curl_socket_t fd;
  bool ours;
  bool open = true;
  int want = CURL_POLL_NONE;   // CURL_POLL_IN and CURL_POLL_OUT are bits
  int waits = CURL_POLL_NONE;  // directions with a wait under way
};

Pool::Pool(Loop& loop, CurlStats& stats, std::size_t max_connections)
    : loop_(loop), stats_(stats), multi_(curl_multi_init()), timer_(loop) {
  BATON_CHECK(multi_);
  const auto most = static_cast<long>(max_connections);
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, most);
  curl_multi_setopt(multi_, CURLMOPT_MAX_TOTAL_CONNECTIONS, most);
  curl_multi_setopt(multi_, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(
      multi_, CURLMOPT_SOCKETFUNCTION, +[](CURL*, curl_socket_t fd, int what, void* pool, void*) noexcept {
        static_cast<Pool*>(pool)->watch(fd, what);
        return 0;
      });
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(
      multi_, CURLMOPT_TIMERFUNCTION, +[](CURLM*, long milliseconds, void* pool) noexcept {
        static_cast<Pool*>(pool)->set_timer(milliseconds);
        return 0;
      });
}

Pool::~Pool() { shut(); }

void Pool::shut() {
  if (multi_ == nullptr) return;
  const auto under_way = std::exchange(transfers_, {});
  for (auto* const transfer : under_way) transfer->cut("the client is stopping");
  timer_.cancel();
  // Closing a connection calls watch() and close_socket().
  curl_multi_cleanup(multi_);
  multi_ = nullptr;
  while (!sockets_.empty()) close_socket(sockets_.begin()->first);
}

bool Pool::add(Transfer& transfer, CURL* easy) {
  if (multi_ == nullptr || curl_multi_add_handle(multi_, easy) != CURLM_OK) return false;
  transfers_.insert(&transfer);
  return true;
}

void Pool::remove(Transfer& transfer, CURL* easy) {
  transfers_.erase(&transfer);
  curl_multi_remove_handle(multi_, easy);
}

curl_socket_t Pool::open_socket(int family, int type, int protocol) {
  const auto fd = ::socket(family, type | SOCK_CLOEXEC, protocol);
  if (fd < 0) return CURL_SOCKET_BAD;
  if (!adopt(fd, true)) {
    ::close(fd);
    return CURL_SOCKET_BAD;
  }
  ++stats_.opened;
  ++stats_.open_sockets;
  return fd;
}

int Pool::close_socket(curl_socket_t fd) {
  const auto found = sockets_.find(fd);
  const bool ours = found != sockets_.end() && found->second->ours;
  drop(fd);
  if (!ours) return 0;
  --stats_.open_sockets;
  return ::close(fd);
}

std::shared_ptr<Pool::Socket> Pool::adopt(curl_socket_t fd, bool ours) {
  drop(fd);
  auto socket = std::make_shared<Socket>(loop_, fd, ours);
  boost::system::error_code failed;
  socket->descriptor.assign(fd, failed);
  if (failed) return nullptr;
  sockets_[fd] = socket;
  return socket;
}

// Ends the loop's interest; closing is the business of whoever opened it.
void Pool::drop(curl_socket_t fd) {
  const auto found = sockets_.find(fd);
  if (found == sockets_.end()) return;
  found->second->open = false;
  found->second->descriptor.release();
  sockets_.erase(found);
}

void Pool::watch(curl_socket_t fd, int what) {
  const auto found = sockets_.find(fd);
  auto socket = found == sockets_.end() ? nullptr : found->second;
  if (what == CURL_POLL_REMOVE) {
    if (!socket) return;
    if (!socket->ours) return drop(fd);
    socket->want = CURL_POLL_NONE;
    // A wait on an idle connection would keep the loop from running out of work.
    boost::system::error_code ignored;
    if (socket->waits != CURL_POLL_NONE) socket->descriptor.cancel(ignored);
    return;
  }
  if (!socket) socket = adopt(fd, false);
  if (!socket) return;  // without descriptors the deadline ends the transfer
  socket->want = what;
  arm(socket);
}

void Pool::arm(const std::shared_ptr<Socket>& socket) {
  for (const int direction : {CURL_POLL_IN, CURL_POLL_OUT}) {
    if ((socket->want & direction) && !(socket->waits & direction)) wait(socket, direction);
  }
}

void Pool::wait(const std::shared_ptr<Socket>& socket, int direction) {
  socket->waits |= direction;
  const auto kind = direction == CURL_POLL_IN ? net::posix::stream_descriptor::wait_read
                                              : net::posix::stream_descriptor::wait_write;
  socket->descriptor.async_wait(
      kind, [held = weak_from_this(), socket, direction](boost::system::error_code failed) {
        socket->waits &= ~direction;
        const auto pool = held.lock();
        if (!pool || !socket->open) return;
        const bool cancelled = failed == net::error::operation_aborted;
        if (failed && !cancelled) return pool->act(socket->fd, CURL_CSELECT_ERR);
        if (!cancelled && (socket->want & direction)) {
          pool->act(socket->fd, direction == CURL_POLL_IN ? CURL_CSELECT_IN : CURL_CSELECT_OUT);
        }
        if (socket->open) pool->arm(socket);
      });
}

void Pool::set_timer(long milliseconds) {
  const auto fire = [held = weak_from_this()](boost::system::error_code cancelled) {
    if (cancelled) return;
    if (const auto pool = held.lock()) {
      pool->kicked_ = false;
      pool->act(CURL_SOCKET_TIMEOUT, 0);
    }
  };
  if (milliseconds < 0) {
    timer_.cancel();
  } else if (milliseconds > 0) {
    timer_.expires_after(std::chrono::milliseconds(milliseconds));
    timer_.async_wait(fire);
  } else if (!std::exchange(kicked_, true)) {
    // "At once" is the usual request; a turn of the loop is cheaper than a timer.
    net::post(loop_, [fire] { fire({}); });
  }
}

void Pool::act(curl_socket_t fd, int events) {
  if (multi_ == nullptr) return;
  int running = 0;
  curl_multi_socket_action(multi_, fd, events, &running);
  int queued = 0;
  while (const auto* const message = curl_multi_info_read(multi_, &queued)) {
    if (message->msg != CURLMSG_DONE) continue;
    const auto code = message->data.result;  // the message dies with the handle
    Transfer* transfer = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
    transfer->finished(code);
  }
}

}  // namespace baton
