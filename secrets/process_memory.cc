#include "secrets/process_memory.h"

#include <cerrno>
#include <system_error>

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

namespace baton::secrets {
namespace {

std::string cannot(std::string_view what) {
  return "cannot " + std::string(what) + ": " + std::generic_category().message(errno);
}

}  // namespace

std::vector<std::string> keep_memory_private() {
  std::vector<std::string> missing;
  constexpr rlimit kNone{0, 0};
  if (::setrlimit(RLIMIT_CORE, &kNone) != 0) missing.push_back(cannot("switch core dumps off"));
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
    missing.push_back(cannot("close the memory to other processes"));
  // Only what is in use: locking all of the reserved address space would exceed any limit.
  rlimit allowed{};
  const bool unlimited = ::getrlimit(RLIMIT_MEMLOCK, &allowed) == 0 && allowed.rlim_cur == RLIM_INFINITY;
  // Under a finite limit a later allocation would fail instead: then swapping is the lesser evil.
  if (!unlimited) missing.push_back("memory may be swapped out: RLIMIT_MEMLOCK is finite");
  else if (::mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) != 0)
    missing.push_back(cannot("lock the memory"));
  return missing;
}

}  // namespace baton::secrets
