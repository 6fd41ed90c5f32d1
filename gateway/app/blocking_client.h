// Purpose: one HTTP request at a time for commands, which have nothing else to do meanwhile.
// Owner: a command. Threads: one. Errors: as HttpClient.
#pragma once

#include <memory>

#include "gateway/base/result.h"
#include "gateway/model/http.h"

namespace baton::app {

class BlockingClient {
 public:
  // To any address: whoever runs a command names it himself. No exchange takes longer than `longest`, and
  // none is given up before because nothing comes.
  explicit BlockingClient(Duration longest = 30s);
  ~BlockingClient();
  // `request.target` is the whole URL.
  Result<Reply> exchange(Request request, Duration patience = 10s);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace baton::app
