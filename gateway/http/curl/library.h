// Purpose: what holds for libcurl in the whole process, settled before its first use.
// Owner: none. Threads: any. Errors: a libcurl that cannot keep our promises ends the process: one
// without an asynchronous resolver would stop the loop at each look-up, and the TLS options here are
// meant for OpenSSL.
#pragma once

namespace baton {

// Sets libcurl up once, with an allocator that wipes what it frees: request buffers and header lists
// hold credentials (promises.md K4). Also ignores SIGPIPE, which OpenSSL would raise on a cut socket.
void prepare_libcurl();

// Whether this libcurl knows a folder of the system's authorities, hashed by name.
bool has_ca_folder();

}  // namespace baton
