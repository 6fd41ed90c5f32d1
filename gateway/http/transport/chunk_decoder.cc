#include "gateway/http/transport/chunk_decoder.h"

#include <algorithm>

#include "gateway/base/mutant.h"

namespace baton {
namespace {

constexpr int kMostDigits = 16;  // of a size: 64 bits, leading zeros included

int hex_value(char byte) {
  if (byte >= '0' && byte <= '9') return byte - '0';
  if (byte >= 'a' && byte <= 'f') return byte - 'a' + 10;
  if (byte >= 'A' && byte <= 'F') return byte - 'A' + 10;
  return -1;
}

bool is_text(char byte) {
  const auto code = static_cast<unsigned char>(byte);
  return (code >= 0x20 && code != 0x7f) || byte == '\t';
}

}  // namespace

std::optional<Refusal> ChunkDecoder::feed(std::string_view bytes, std::size_t& consumed, std::string& body) {
  while (!bytes.empty() && state_ != State::done) {
    std::size_t taken = 1;
    if (state_ == State::data) {
      taken = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
      body.append(bytes.substr(0, taken));
      left_ -= taken;
      if (left_ == 0) state_ = State::data_cr;
    } else if (!on_byte(bytes.front())) {
      return Refusal::malformed_body;
    } else if (state_ == State::data && left_ > max_body_bytes_ - body.size() &&
               !BATON_MUTANT(chunks_unbounded)) {
      return Refusal::body_too_large;
    }
    bytes.remove_prefix(taken);
    consumed += taken;
  }
  return std::nullopt;
}

bool ChunkDecoder::on_byte(char byte) {
  switch (state_) {
    case State::size: return on_size(byte);
    case State::extension:
      if (byte == '\r') return expect(byte, '\r', State::size_lf);
      return is_text(byte) && ++overhead_ <= max_overhead_bytes_;
    case State::size_lf:
      overhead_ = 0;
      digits_ = 0;
      return expect(byte, '\n', left_ == 0 ? State::trailer_line : State::data);
    case State::data_cr: return expect(byte, '\r', State::data_lf);
    case State::data_lf: return expect(byte, '\n', State::size);
    case State::trailer_line:
    case State::trailer_name:
    case State::trailer_value: return ++overhead_ <= max_overhead_bytes_ && on_trailer(byte);
    case State::trailer_lf: return expect(byte, '\n', State::trailer_line);
    case State::last_lf: return expect(byte, '\n', State::done);
    case State::data:
    case State::done: break;
  }
  return false;
}

bool ChunkDecoder::on_size(char byte) {
  if (const int value = hex_value(byte); value >= 0) {
    left_ = left_ << 4 | static_cast<std::uint64_t>(value);
    return ++digits_ <= kMostDigits;
  }
  if (digits_ == 0) return false;
  if (byte == ';') return expect(byte, ';', State::extension);
  return expect(byte, '\r', State::size_lf);
}

// Fields of no use to anyone here, but they must look like fields.
bool ChunkDecoder::on_trailer(char byte) {
  if (byte == '\r' && state_ != State::trailer_name) {
    state_ = state_ == State::trailer_line ? State::last_lf : State::trailer_lf;
    return true;
  }
  if (!is_text(byte)) return false;
  if (state_ == State::trailer_value) return true;
  if (byte == ' ' || byte == '\t' || (byte == ':' && state_ == State::trailer_line)) return false;
  state_ = byte == ':' ? State::trailer_value : State::trailer_name;
  return true;
}

bool ChunkDecoder::expect(char byte, char wanted, State next) {
  state_ = next;
  return byte == wanted;
}

}  // namespace baton
