// Purpose: one running gateway: journal, stations, listeners, and the order in which they start and
// stop. Nothing is decided here.
// Owner: `baton serve`. Threads: start(), reload() and stop() on the owner's; inside, the delivery
// loop ("delivery"), the public listener ("public"), the admin listener ("admin") and the journal's two.
// Errors: start() says what could not be opened or bound; then nothing is served at all.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gateway/app/installation.h"
#include "gateway/base/check.h"

namespace baton::app {

class Gateway {
 public:
  // `ask_for_reload` is called on the delivery loop when somebody asks for one through the API; the
  // owner answers with reload() or refuse_reload() on its own thread. Without it the API refuses.
  explicit Gateway(Installation installation, std::function<void()> ask_for_reload = {});
  ~Gateway();

  // With which status to end after a failure stands in `exit`.
  Result<Done> start(ExitCode& exit);
  // Answers what was started, then ends within `patience`.
  void stop(Duration patience = 10s);

  // What begins from now on goes by `next`; what is under way ends as it began, and no connection is
  // closed. Returns what differs and takes effect at the next start only.
  std::vector<std::string> reload(Installation next);
  void refuse_reload(const Problems& problems);

  // Of the sealed store that is in use; 0 without one. An older one must not take its place.
  std::uint64_t secrets_version() const;
  std::uint16_t public_port() const;
  std::uint16_t admin_port() const;

 private:
  class Core;
  std::unique_ptr<Core> core_;
};

}  // namespace baton::app
