#include "connectors/linear/ids.h"

#include "connectors/sdk/digest.h"
#include "gateway/base/text.h"

namespace baton::linear {

std::string uuid_of(std::string_view key) {
  auto bytes = sdk::sha256(key).substr(0, 16);
  bytes[6] = static_cast<char>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);
  auto text = to_hex(bytes);
  for (const std::size_t at : {20, 16, 12, 8}) text.insert(at, "-");
  return text;
}

std::string fingerprint_of(std::string_view defect) { return to_hex(sdk::sha256(defect)).substr(0, 12); }

}  // namespace baton::linear
