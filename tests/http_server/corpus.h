// Purpose: the regression corpus (transport rule 10) as data: what a peer sends, and what it gets.
// Owner: none. Threads: any. Errors: none. Add a row for every surprise.
#pragma once

#include <string>
#include <vector>

namespace baton {

struct Case {
  std::string name;
  std::string bytes;
  int status;             // of the first answer
  std::string body = {};  // of the answer, for status 200
};

std::vector<Case> corpus();

}  // namespace baton
