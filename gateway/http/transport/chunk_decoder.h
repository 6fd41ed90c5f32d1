// Purpose: the body of a request in chunks (RFC 9112, section 7.1), read strictly: exact CRLF, bounded
// sizes, extensions and trailers, which are checked and dropped.
// Why not Beast's: version 1.74 ends the process by an assertion when the last chunk arrives in two
// pieces ("0\r\n" and "\r"), sets no bound to extensions and trailers, and waits for ever for the end
// of a quoted one.
// Owner: one request. Threads: one. Units: bytes. Errors: a Refusal, at the first byte that earns it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/http/transport/refusal.h"

namespace baton {

class ChunkDecoder {
 public:
  // `max_overhead_bytes` bounds the extensions of one chunk, and the trailer.
  ChunkDecoder(std::size_t max_body_bytes, std::size_t max_overhead_bytes)
      : max_body_bytes_(max_body_bytes), max_overhead_bytes_(max_overhead_bytes) {}

  // Takes all of `bytes` up to the body's end, appends the data to `body`, and moves `consumed` on.
  std::optional<Refusal> feed(std::string_view bytes, std::size_t& consumed, std::string& body);
  bool done() const { return state_ == State::done; }

 private:
  enum class State {
    size,
    extension,
    size_lf,
    data,
    data_cr,
    data_lf,
    trailer_line,
    trailer_name,
    trailer_value,
    trailer_lf,
    last_lf,
    done
  };

  bool on_byte(char byte);  // of anything but data; false: malformed
  bool on_size(char byte);
  bool on_trailer(char byte);
  bool expect(char byte, char wanted, State next);

  const std::size_t max_body_bytes_;
  const std::size_t max_overhead_bytes_;
  State state_ = State::size;
  std::uint64_t left_ = 0;  // of this chunk's data
  int digits_ = 0;
  std::size_t overhead_ = 0;
};

}  // namespace baton
