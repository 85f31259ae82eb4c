// Azure Data Lake Storage Gen2 as a store of objects.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "bridge/publishers/objects/store.h"

namespace copybridge::publishers::azure {

/// `base` is the file system's URL, `file_system` its name; a file is appended to in pieces of
/// `piece_bytes`.
[[nodiscard]] std::unique_ptr<objects::ObjectStore> make_data_lake(std::string base,
                                                                   const std::string& file_system,
                                                                   std::size_t piece_bytes);

/// An answer of storage that has not this status; nothing where it has.
[[nodiscard]] std::optional<Response> other_than(int status, const http::Answer& answer);

}  // namespace copybridge::publishers::azure
