#include "connectors/sdk/digest.h"

#include "gateway/base/check.h"
#include "secrets/crypto.h"

namespace baton::sdk {

std::string sha256(std::string_view message) {
  auto digest = secrets::sha256({message});
  BATON_CHECK(digest);  // fails only where the library has no SHA-256 or no memory
  return *std::move(digest);
}

}  // namespace baton::sdk
