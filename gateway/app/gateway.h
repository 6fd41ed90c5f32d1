// Purpose: one running gateway: journal, stations, listeners, and the order in which they start and
// stop. Nothing is decided here.
// Owner: `baton serve` and `baton demo`. Threads: start() and stop() on the owner's; inside, the
// delivery loop ("delivery"), the public listener ("public"), the admin listener ("admin") and the
// journal's two.
// Errors: start() says what could not be opened or bound.
#pragma once

#include <cstdint>
#include <memory>

#include "gateway/app/installation.h"
#include "gateway/base/check.h"

namespace baton::app {

class Gateway {
 public:
  explicit Gateway(Installation& installation);
  ~Gateway();

  // With which status to end after a failure stands in `exit`.
  Result<Done> start(ExitCode& exit);
  // Answers what was started, then ends within `patience`.
  void stop(Duration patience = 10s);

  std::uint16_t public_port() const;
  std::uint16_t admin_port() const;

 private:
  class Core;
  std::unique_ptr<Core> core_;
};

}  // namespace baton::app
