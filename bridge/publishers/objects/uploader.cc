// The steps.
#include "bridge/publishers/objects/uploader.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bridge/core/crash_point.h"
#include "bridge/core/digest.h"
#include "bridge/core/log_events.h"

namespace copybridge::publishers::objects {
namespace {

/// Names in a row that others have taken.
constexpr unsigned kNamesMax = 1000;
constexpr std::string_view kManifestEnd = ".manifest.json";

Response not_kept(const Error& error) {
  return {.outcomes = {Outcome::retry}, .reason = error.message};
}

std::string manifest_of(const Claim& claim) {
  std::string text = R"({"objects":[{"name":)";
  append_json_string(text, claim.name);
  text += fmt::format(R"(,"records":{},"bytes":{},"sha256":"{}","first_id":)", claim.hashes.size(),
                      claim.bytes, claim.sha256);
  append_json_string(text, claim.first_id);
  text += R"(,"last_id":)";
  append_json_string(text, claim.last_id);
  return text + "}]}\n";
}

const Claim* claim_with(const std::vector<Claim>& claims, const std::string& sha256) {
  const auto found = std::ranges::find(claims, sha256, &Claim::sha256);
  return found == claims.end() ? nullptr : &*found;
}

}  // namespace

Stored<Claim> ObjectUploader::upload(Draft& draft, const std::vector<std::uint64_t>& obsolete) {
  for (unsigned names = 0; names < kNamesMax; ++names) {
    const Claim claim = claim_of(draft);
    Stored<std::optional<Claim>> there = attempt(draft, claim);
    if (!there) return tl::make_unexpected(std::move(there.error()));
    if (!*there) continue;
    if (auto failed = complete(**there, obsolete)) return tl::make_unexpected(std::move(*failed));
    return std::move(**there);
  }
  return tl::make_unexpected(
      Response{.outcomes = {Outcome::refused},
               .reason = fmt::format("{} names in a row are taken by other objects", kNamesMax)});
}

Claim ObjectUploader::claim_of(const Draft& draft) {
  Claim claim{.sequence = 0,
              .name = {},
              .encoding = draft.encoding.text(),
              .sha256 = draft.sha256,
              .bytes = draft.bytes.size(),
              .hashes = draft.hashes,
              .first_id = draft.first_id,
              .last_id = draft.last_id};
  if (draft.claims.empty()) {
    claim.sequence = next_sequence_++;
    claim.name = parts_.names.expand(parts_.clock.wall_now(), claim.sequence);
  } else {
    claim.sequence = draft.claims.front().sequence;
    claim.name = draft.claims.front().name;
  }
  return claim;
}

/// Nothing: the name is another's, and the draft has none any more.
Stored<std::optional<Claim>> ObjectUploader::attempt(Draft& draft, const Claim& claim) {
  const bool is_repeat = !draft.claims.empty();
  crash_point("object_built");
  if (claim_with(draft.claims, claim.sha256) == nullptr) {
    if (is_repeat) log_object_differs(parts_.log, parts_.publisher, claim.name);
    if (auto claimed = claims_.claim(claim); !claimed) {
      return tl::make_unexpected(not_kept(claimed.error()));
    }
    draft.claims.push_back(claim);
  }
  crash_point("object_claimed");
  const Stored<Created> created =
      parts_.store.create(parts_.channel, {.name = claim.name,
                                           .bytes = draft.bytes,
                                           .content_type = draft.encoding.content_type(),
                                           .sha256 = claim.sha256,
                                           .is_repeat = is_repeat});
  if (!created) return tl::make_unexpected(created.error());
  crash_point("object_uploaded");
  if (*created == Created::now) return claim;
  bool is_anothers = false;
  Stored<std::optional<Claim>> there = look(draft.claims, is_anothers);
  if (!there || *there) return there;
  if (!is_anothers) return tl::make_unexpected(unexpected("an object was there, and is gone"));
  draft.claims.clear();
  return std::nullopt;
}

Stored<std::optional<Claim>> ObjectUploader::look(const std::vector<Claim>& claims,
                                                  bool& is_anothers) {
  const std::string& name = claims.front().name;
  const auto digest = parts_.store.digest_of(parts_.channel, name);
  if (!digest) return tl::make_unexpected(digest.error());
  if (!*digest) return std::nullopt;
  if (const Claim* const there = claim_with(claims, **digest)) return *there;
  // Everything that was ever sent there under this claim is known: it is none of ours.
  is_anothers = true;
  log_object_name_taken(parts_.log, parts_.publisher, name);
  if (auto dropped = claims_.drop(claims.front().sequence); !dropped) {
    return tl::make_unexpected(not_kept(dropped.error()));
  }
  return std::nullopt;
}

Stored<std::optional<Claim>> ObjectUploader::find(const std::vector<Claim>& claims,
                                                  bool& is_anothers) {
  Stored<std::optional<Claim>> there = look(claims, is_anothers);
  if (!there || !*there) return there;
  if (auto failed = complete(**there, {})) return tl::make_unexpected(std::move(*failed));
  return there;
}

std::optional<Response> ObjectUploader::complete(const Claim& claim,
                                                 const std::vector<std::uint64_t>& obsolete) {
  if (parts_.has_manifest) {
    if (auto failed = put_manifest(claim)) return failed;
    crash_point("object_manifest_put");
  }
  if (auto noted = claims_.note_stored(claim, obsolete); !noted) return not_kept(noted.error());
  crash_point("object_recorded");
  return std::nullopt;
}

std::optional<Response> ObjectUploader::put_manifest(const Claim& claim) {
  const std::string text = manifest_of(claim);
  const Object manifest{.name = claim.name + std::string(kManifestEnd),
                        .bytes = text,
                        .content_type = kJsonType,
                        .sha256 = hex(sha256(text))};
  Stored<Created> created = parts_.store.create(parts_.channel, manifest);
  if (!created) return std::move(created.error());
  if (*created == Created::now) return std::nullopt;
  const auto digest = parts_.store.digest_of(parts_.channel, manifest.name);
  if (!digest) return digest.error();
  if (!*digest) return unexpected("a manifest was there, and is gone");
  if (**digest == manifest.sha256) return std::nullopt;
  return Response{.outcomes = {Outcome::refused},
                  .reason = "the name " + manifest.name + " is taken by another object"};
}

}  // namespace copybridge::publishers::objects
