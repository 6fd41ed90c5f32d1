// Purpose: lets work that holds its loop for a while (rendering a document, planning) go piece by piece: one
// piece, then everything else that is ready, then the next; and the lines that wait take turns. So a thousand
// pieces of one line delay another one, and whatever waits for the loop, by a piece and not by all.
// Owner: a station. Threads: one loop. Errors: none; dropped with waiters, it drops those.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>

#include "gateway/base/task.h"

namespace baton {

class Turns {
 public:
  // Returns when the caller may do a piece of work, up to its next wait.
  Task<Done> take(std::string line);

 private:
  struct State {
    std::map<std::string, std::deque<std::shared_ptr<Waiter>>> lines;  // none is empty
    std::string latest;
    bool passing = false;
  };
  static void pass(const net::any_io_executor& loop, const std::shared_ptr<State>& state);
  static void post(const net::any_io_executor& loop, const std::shared_ptr<State>& state);

  std::shared_ptr<State> state_ = std::make_shared<State>();  // shared with the pass that is on its way
};

}  // namespace baton
