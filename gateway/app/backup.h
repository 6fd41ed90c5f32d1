// Purpose: a backup as a folder: the store as it was at one moment, the sealed secrets, the tokens, and a
// manifest that says what is in it and proves it. The root key is never in it: whoever finds a backup
// cannot open its secrets.
// Owner: `baton backup` and `baton restore`, and the running gateway. Threads: any; takes as long as the
// store is large.
// Errors: what is in the way and what to do; a folder under its final name is whole, or is not there.
#pragma once

#include <stop_token>
#include <string>

#include <nlohmann/json.hpp>

#include "gateway/base/result.h"

namespace baton::app {

// `to`: the new folder; inside of it, by the time, if it is there already. Returns the manifest, with the
// folder as `path`.
Result<nlohmann::json> make_backup(const std::string& data_dir, const std::string& to, TimePoint now,
                                   const std::stop_token& stop = {});

// Into a data directory that is not there or is empty. Everything is verified first; every key, number and
// generation stays what it was. Returns the manifest.
Result<nlohmann::json> restore_backup(const std::string& from, const std::string& data_dir);

}  // namespace baton::app
