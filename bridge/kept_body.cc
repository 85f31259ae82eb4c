// The event that names a body kept elsewhere.
#include "bridge/kept_body.h"

#include <utility>

#include "bridge/core/log.h"

namespace copybridge::bridge {
namespace {

constexpr std::string_view kReference = "dataref";

}  // namespace

KeptBody::KeptBody(const publishers::Event& whole, std::string reference)
    : reference_(std::move(reference)), event_(whole) {
  body_ += '{';
  append_json_member(body_, kReference, reference_);
  body_ += '}';
  for (const publishers::Attribute& attribute : whole.extensions) {
    if (attribute.name != kReference) extensions_.push_back(attribute);
  }
  extensions_.push_back({kReference, reference_});
  event_.extensions = extensions_;
  event_.body = body_;
  event_.is_reference = true;
}

}  // namespace copybridge::bridge
