// The publisher around a store that keeps bodies of events, an object each (claim check).
#pragma once

#include <memory>

#include "bridge/publishers/body_names.h"
#include "bridge/publishers/objects/store.h"

namespace copybridge::publishers::objects {

/// `kind` begins its messages.
[[nodiscard]] std::unique_ptr<Publisher> make_body_publisher(
    std::string_view kind, BodyNames names, http::ClientSettings client,
    std::unique_ptr<http::Authorizer> authorizer, std::unique_ptr<ObjectStore> store);

}  // namespace copybridge::publishers::objects
