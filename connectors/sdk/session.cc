#include "connectors/sdk/session.h"

#include <utility>

namespace baton::sdk {

Task<std::vector<Result<Reply>>> ReadSession::read_all(std::vector<Read> reads) {
  std::vector<Result<Reply>> answers;
  for (auto& one : reads) answers.push_back(co_await read(std::move(one)));
  co_return answers;
}

std::vector<nlohmann::json> ReadSession::samples(Operation) const { return {}; }

}  // namespace baton::sdk
