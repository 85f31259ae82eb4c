// Azure Data Lake Storage Gen2: the REST operations "Path - Create", "Update", "Delete" and "Get
// Properties". A file is written where nobody looks, and gets its name when it is whole.
#include "bridge/publishers/azure/data_lake.h"

#include <fmt/format.h>

#include <atomic>
#include <chrono>

#include "bridge/core/digest.h"
#include "bridge/core/hash.h"
#include "bridge/core/percent.h"

namespace copybridge::publishers::azure {
namespace {

using objects::Channel;
using objects::Created;
using objects::Object;
using objects::Stored;

/// Readers of tables leave out what begins with an underscore.
constexpr std::string_view kFolder = "_copybridge";

/// Another one each time: a rename that is still on its way from an earlier attempt finds its own
/// file, or none.
std::string new_name() {
  static std::atomic<std::uint64_t> count{0};
  return fmt::format("{:x}-{:x}", std::chrono::system_clock::now().time_since_epoch().count(),
                     ++count);
}

std::string folder_of(const std::string& name) {
  return fmt::format("{}/{}", kFolder, hash_of(name));
}

class DataLake final : public objects::ObjectStore {
 public:
  DataLake(std::string base, const std::string& file_system, std::size_t piece_bytes)
      : base_(std::move(base)),
        file_system_(percent_encoded(file_system)),
        piece_bytes_(piece_bytes) {}

  const std::string& place() const override { return base_; }
  Stored<Created> create(Channel& channel, const Object& object) override;
  Stored<std::optional<std::string>> digest_of(Channel& channel, const std::string& name) override;

 private:
  [[nodiscard]] std::optional<Response> write(Channel& channel, const Object& object,
                                              const std::string& path) const;
  [[nodiscard]] std::optional<Response> make_folder(Channel& channel,
                                                    const std::string& name) const;
  Stored<Created> rename(Channel& channel, const std::string& from, const std::string& to) const;
  void remove_folder(Channel& channel, const std::string& path) const;

  const std::string base_;
  const std::string file_system_;
  const std::size_t piece_bytes_;
};

Stored<Created> DataLake::create(Channel& channel, const Object& object) {
  const std::string folder = folder_of(object.name);
  if (object.is_repeat) remove_folder(channel, folder);
  const std::string path = folder + "/" + new_name();
  if (auto failed = write(channel, object, path)) return tl::make_unexpected(std::move(*failed));
  if (auto failed = make_folder(channel, object.name)) {
    return tl::make_unexpected(std::move(*failed));
  }
  Stored<Created> created = rename(channel, path, object.name);
  if (created) remove_folder(channel, folder);
  return created;
}

std::optional<Response> DataLake::write(Channel& channel, const Object& object,
                                        const std::string& path) const {
  http::Call made = objects::call_to(base_, "PUT", path, "resource=file");
  made.headers.push_back(
      fmt::format("x-ms-properties: {}={}", objects::kDigestName, base64(object.sha256)));
  made.headers.push_back(fmt::format("x-ms-content-type: {}", object.content_type));
  if (auto failed = other_than(201, channel.exchange(std::move(made)))) return failed;
  for (std::size_t at = 0; at < object.bytes.size(); at += piece_bytes_) {
    http::Call call =
        objects::call_to(base_, "PATCH", path, fmt::format("action=append&position={}", at));
    call.outside_body = object.bytes.substr(at, piece_bytes_);
    if (auto failed = other_than(202, channel.exchange(std::move(call)))) return failed;
    objects::note_part_sent();
  }
  http::Call flush =
      objects::call_to(base_, "PATCH", path,
                       fmt::format("action=flush&close=true&position={}", object.bytes.size()));
  flush.headers.push_back(fmt::format("x-ms-content-type: {}", object.content_type));
  return other_than(200, channel.exchange(std::move(flush)));
}

/// A rename does not make what is missing of the path.
std::optional<Response> DataLake::make_folder(Channel& channel, const std::string& name) const {
  const std::size_t slash = name.rfind('/');
  if (slash == std::string::npos) return std::nullopt;
  http::Call call = objects::call_to(base_, "PUT", name.substr(0, slash), "resource=directory");
  call.headers.emplace_back("If-None-Match: *");
  const http::Answer answer = channel.exchange(std::move(call));
  if (answer.status == 409 || answer.status == 412) return std::nullopt;
  return other_than(201, answer);
}

Stored<Created> DataLake::rename(Channel& channel, const std::string& from,
                                 const std::string& to) const {
  http::Call call = objects::call_to(base_, "PUT", to);
  call.headers.emplace_back("If-None-Match: *");
  call.headers.push_back(
      fmt::format("x-ms-rename-source: /{}/{}", file_system_, percent_encoded(from, "/")));
  const http::Answer answer = channel.exchange(std::move(call));
  if (auto failed = other_than(201, answer)) {
    const std::string code = objects::header_of(answer, "x-ms-error-code");
    if (answer.status == 412 || code == "PathAlreadyExists") return Created::taken;
    return tl::make_unexpected(std::move(*failed));
  }
  return Created::now;
}

/// What stays where this fails is found by the next attempt at that name, if there is one.
void DataLake::remove_folder(Channel& channel, const std::string& path) const {
  static_cast<void>(channel.exchange(objects::call_to(base_, "DELETE", path, "recursive=true")));
}

Stored<std::optional<std::string>> DataLake::digest_of(Channel& channel, const std::string& name) {
  const http::Answer answer = channel.exchange(objects::call_to(base_, "HEAD", name));
  const bool is_missing = objects::header_of(answer, "x-ms-error-code") == "PathNotFound";
  if (is_missing && answer.status == 404) return std::nullopt;
  if (auto failed = other_than(200, answer)) return tl::make_unexpected(std::move(*failed));
  const std::string text = objects::header_of(answer, "x-ms-properties");
  std::string_view properties = text;
  const std::string start = fmt::format("{}=", objects::kDigestName);
  while (!properties.empty()) {
    const std::size_t end = std::min(properties.find(','), properties.size());
    const std::string_view property = properties.substr(0, end);
    if (property.starts_with(start)) {
      return from_base64(property.substr(start.size())).value_or(std::string());
    }
    properties.remove_prefix(std::min(end + 1, properties.size()));
  }
  return std::string();
}

}  // namespace

std::unique_ptr<objects::ObjectStore> make_data_lake(std::string base,
                                                     const std::string& file_system,
                                                     std::size_t piece_bytes) {
  return std::make_unique<DataLake>(std::move(base), file_system, piece_bytes);
}

std::optional<Response> other_than(int status, const http::Answer& answer) {
  if (auto failure = objects::failure_of(answer)) return failure;
  if (answer.status == status) return std::nullopt;
  return objects::refused_by_status(answer, objects::header_of(answer, "x-ms-error-code"));
}

}  // namespace copybridge::publishers::azure
