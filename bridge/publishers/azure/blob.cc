// Azure Blob Storage: block blobs by the REST operations "Put Blob", "Put Block" and "Put Block
// List"; and the choice between them and a data lake's files.
#include <fmt/format.h>

#include "bridge/core/digest.h"
#include "bridge/core/option_rules.h"
#include "bridge/core/percent.h"
#include "bridge/http/oauth2.h"
#include "bridge/http/options.h"
#include "bridge/publishers/azure/azure_publishers.h"
#include "bridge/publishers/azure/data_lake.h"
#include "bridge/publishers/azure/identity.h"
#include "bridge/publishers/objects/object_publisher.h"

namespace copybridge::publishers {
namespace {

using objects::Channel;
using objects::Created;
using objects::Object;
using objects::Stored;

/// Of a block's id; all of a blob have the same length.
constexpr std::size_t kDigestDigits = 12;

constexpr OptionSpec kOptions[] = {
    {.name = "account",
     .type = OptionType::text,
     .required = true,
     .help = "Name of the storage account."},
    {.name = "container",
     .type = OptionType::text,
     .required = true,
     .help = "Name of the container, or of the data lake's file system."},
    {.name = "write",
     .type = OptionType::choice,
     .default_value = "block-blob",
     .help = "block-blob = by the blob endpoint, for accounts with and without a hierarchical "
             "namespace; data-lake = append, flush and rename by the endpoint of Data Lake Storage "
             "Gen2.",
     .choices = "block-blob|data-lake"},
    {.name = "endpoint",
     .type = OptionType::text,
     .help = "URL of the account's blobs, or of its data lake, where it is another: a private "
             "endpoint, a local server."},
    {.name = "sas_token",
     .type = OptionType::secret,
     .help = "Shared access signature in place of other credentials, as the portal gives it: with "
             "the rights to read, create and write, for a data lake also delete and move."},
    {.name = "block_bytes",
     .type = OptionType::integer,
     .default_value = "16777216",
     .help = "Larger objects go up in blocks of this size, and are there when all are.",
     .min = 65'536,
     .max = 1'073'741'824}};

constexpr auto kAllOptions = join_options(kOptions, objects::kObjectOptions,
                                          azure::kIdentityOptions, http::kConnectionOptions);

class BlobStore final : public objects::ObjectStore {
 public:
  BlobStore(std::string base, std::size_t block_bytes)
      : base_(std::move(base)), block_bytes_(block_bytes) {}

  const std::string& place() const override { return base_; }
  Stored<Created> create(Channel& channel, const Object& object) override;
  Stored<std::optional<std::string>> digest_of(Channel& channel, const std::string& name) override;

 private:
  Stored<Created> put_blocks(Channel& channel, const Object& object) const;
  [[nodiscard]] static Stored<Created> created(const http::Answer& answer);

  const std::string base_;
  const std::size_t block_bytes_;
};

void describe(http::Call& call, const Object& object) {
  call.headers.emplace_back("If-None-Match: *");
  call.headers.push_back(fmt::format("x-ms-blob-content-type: {}", object.content_type));
  call.headers.push_back(fmt::format("x-ms-meta-{}: {}", objects::kDigestName, object.sha256));
}

Stored<Created> BlobStore::created(const http::Answer& answer) {
  if (auto failed = azure::other_than(201, answer)) {
    const std::string code = objects::header_of(answer, "x-ms-error-code");
    if (answer.status == 412 || code == "BlobAlreadyExists") return Created::taken;
    return tl::make_unexpected(std::move(*failed));
  }
  return Created::now;
}

Stored<Created> BlobStore::create(Channel& channel, const Object& object) {
  if (object.bytes.size() > block_bytes_) return put_blocks(channel, object);
  http::Call call = objects::call_to(base_, "PUT", object.name);
  describe(call, object);
  call.headers.emplace_back("x-ms-blob-type: BlockBlob");
  call.outside_body = object.bytes;
  return created(channel.exchange(std::move(call)));
}

/// Nothing is visible before the list is put. Ids are the object's own: a list that is still on its
/// way from an earlier attempt cannot name blocks of another.
Stored<Created> BlobStore::put_blocks(Channel& channel, const Object& object) const {
  std::string list = "<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>";
  for (std::size_t at = 0; at < object.bytes.size(); at += block_bytes_) {
    const std::string id = base64(fmt::format(
        "{}{:06}", std::string_view(object.sha256).substr(0, kDigestDigits), at / block_bytes_));
    http::Call call =
        objects::call_to(base_, "PUT", object.name, fmt::format("comp=block&blockid={}", id));
    call.outside_body = object.bytes.substr(at, block_bytes_);
    const http::Answer answer = channel.exchange(std::move(call));
    if (auto failed = azure::other_than(201, answer))
      return tl::make_unexpected(std::move(*failed));
    objects::note_part_sent();
    list += fmt::format("<Latest>{}</Latest>", id);
  }
  http::Call call = objects::call_to(base_, "PUT", object.name, "comp=blocklist");
  describe(call, object);
  call.body = list + "</BlockList>";
  return created(channel.exchange(std::move(call)));
}

Stored<std::optional<std::string>> BlobStore::digest_of(Channel& channel, const std::string& name) {
  const http::Answer answer = channel.exchange(objects::call_to(base_, "HEAD", name));
  const bool is_missing = objects::header_of(answer, "x-ms-error-code") == "BlobNotFound";
  if (is_missing && answer.status == 404) return std::nullopt;
  if (auto failed = azure::other_than(200, answer)) return tl::make_unexpected(std::move(*failed));
  return objects::header_of(answer, fmt::format("x-ms-meta-{}", objects::kDigestName));
}

/// The signature goes with the query of each call.
std::unique_ptr<http::Authorizer> make_sas_authorizer(const Secret& token, const Clock& clock) {
  return http::make_key_authorizer(
      token,
      [](http::Call& call, const std::string& signature, WallTime) {
        const std::string_view bare =
            std::string_view(signature).substr(signature.starts_with('?') ? 1 : 0);
        call.url += call.url.find('?') == std::string::npos ? '?' : '&';
        call.url += bare;
      },
      clock);
}

std::unique_ptr<http::Authorizer> make_blob_authorizer(const Options& options, const Clock& clock,
                                                       Diagnostics& diagnostics) {
  check_excludes(options, "sas_token", "key", diagnostics);
  check_excludes(options, "sas_token", "credentials", diagnostics);
  if (diagnostics.has_errors()) return nullptr;
  if (options.is_given("sas_token")) {
    return http::make_chain(azure::make_storage_version(clock),
                            make_sas_authorizer(options.secret("sas_token"), clock));
  }
  const std::string& account = options.text("account");
  std::unique_ptr<http::Authorizer> authorizer = azure::make_authorizer(
      options, "https://storage.azure.com", http::base64_key("azure-blob"),
      [account](http::Call& call, const std::string& key, WallTime now) {
        azure::sign_shared_key(call, account, key, now);
      },
      clock, diagnostics);
  if (authorizer == nullptr || options.text("credentials") == "key") return authorizer;
  return http::make_chain(azure::make_storage_version(clock), std::move(authorizer));
}

std::unique_ptr<Publisher> make_blob(const PublisherContext& context, const Options& options,
                                     Diagnostics& diagnostics) {
  const bool is_lake = options.text("write") == "data-lake";
  std::string base = options.is_given("endpoint")
                         ? options.text("endpoint")
                         : fmt::format("https://{}.{}.core.windows.net", options.text("account"),
                                       is_lake ? "dfs" : "blob");
  while (base.ends_with('/')) base.pop_back();
  base += "/" + percent_encoded(options.text("container"));
  http::check_endpoint(options, "endpoint", diagnostics);
  objects::ObjectSettings settings = objects::read_object_settings(context, options, diagnostics);
  http::ClientSettings client = http::read_connection(options, context.directory, diagnostics);
  auto authorizer = make_blob_authorizer(options, context.clock, diagnostics);
  if (diagnostics.has_errors()) return nullptr;
  const auto block_bytes = static_cast<std::size_t>(options.integer("block_bytes"));
  std::unique_ptr<objects::ObjectStore> store;
  if (is_lake) {
    store = azure::make_data_lake(std::move(base), options.text("container"), block_bytes);
  } else {
    store = std::make_unique<BlobStore>(std::move(base), block_bytes);
  }
  return objects::make_object_publisher("azure-blob", context, std::move(settings),
                                        std::move(client), std::move(authorizer), std::move(store));
}

}  // namespace

const PublisherKind kAzureBlobPublisher{
    .kind = "azure-blob",
    .help =
        "Writes events to blobs of an Azure storage account, or to files of a data lake, each "
        "event once.",
    .options = kAllOptions,
    .make = make_blob,
    .can_keep_bodies = true};

}  // namespace copybridge::publishers
