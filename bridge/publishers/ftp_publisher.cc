// Uploads by FTP, FTPS and SFTP.
#include <memory>

#include "bridge/publishers/remote_file_publisher.h"
#include "bridge/transfer/ftp.h"
#include "codecs/framing/options.h"

namespace copybridge::publishers {
namespace {

class FtpUploader final : public Uploader {
 public:
  explicit FtpUploader(transfer::FtpServer server)
      : server_(std::move(server)), session_(server_.settings) {}

  Result<void> put(const std::string& name, ByteView contents) override;
  void stop() override { session_.stop(); }
  void resume() override { session_.resume(); }

 private:
  Result<void> perform(const transfer::Call& call, const std::string& name);
  void remove_left(transfer::Call& call) const;

  std::string left_;  ///< a part that has not got its name
  const transfer::FtpServer server_;
  transfer::Session session_;
};

/// A file gets its name when it is whole. A data set has it from the start: CONDDISP=DELETE takes
/// away what was cut off.
Result<void> FtpUploader::put(const std::string& name, ByteView contents) {
  const bool is_data_set = transfer::is_data_set(name);
  const std::size_t base = name.rfind('/') + 1;
  const std::string part = is_data_set ? name : name.substr(0, base) + ".part-" + name.substr(base);
  transfer::Call call{.url = server_.url_of(part), .upload = contents};
  if (!server_.is_sftp) {
    call.before = server_.site_commands();
    call.between = server_.mode_commands();
    call.after = server_.plain_commands();
    call.is_text = server_.type == transfer::DataType::text;
  }
  if (left_ != part) remove_left(call);
  left_ = is_data_set ? "" : part;
  Result<void> written = perform(call, name);
  if (!written || is_data_set) return written;
  transfer::Call rename{.url = server_.url_of(server_.is_sftp ? "/" : ""), .needs_no_body = true};
  // SFTP replaces nothing. What lies there is an attempt at the same events.
  if (server_.is_sftp) rename.before = {"*" + server_.remove_commands(name).front()};
  for (std::string& command : server_.rename_commands(part, name)) {
    rename.before.push_back(std::move(command));
  }
  Result<void> renamed = perform(rename, name);
  if (renamed) left_.clear();
  return renamed;
}

/// What an attempt that failed has left; the next one may have other events, and another name.
void FtpUploader::remove_left(transfer::Call& call) const {
  if (left_.empty()) return;
  for (const std::string& command : server_.remove_commands(left_)) {
    call.before.insert(call.before.begin(), "*" + command);
  }
}

Result<void> FtpUploader::perform(const transfer::Call& call, const std::string& name) {
  const Result<transfer::Credentials> credentials = server_.login.credentials();
  if (!credentials) return pass_on(credentials);
  const transfer::Answer answer = session_.perform(call, *credentials);
  const std::string_view unknown = transfer::unknown_site_word(answer);
  if (!unknown.empty()) {
    return fail(ErrorKind::peer_refused,
                "ftp: the server does not know a word of 'site': " + std::string(unknown));
  }
  if (answer.failure == transfer::Failure::none) return {};
  return put_failed("ftp: writing " + name, answer);
}

std::unique_ptr<Publisher> make(const PublisherContext& context, const Options& options,
                                Diagnostics& diagnostics) {
  transfer::FtpServer server = transfer::read_ftp(context.directory, options, diagnostics);
  const bool is_block = options.text("recfm") == "ftp-block" && options.text("format") == "records";
  if (is_block != server.is_block_mode) {
    diagnostics.error(options.where("mode"),
                      "'mode: block' and 'recfm: ftp-block' need each other");
  }
  return make_remote_file(context, options, std::make_unique<FtpUploader>(std::move(server)),
                          diagnostics);
}

std::span<const OptionSpec> ftp_options() {
  static const std::vector<OptionSpec> options = framing::with_framing(transfer::joined(
      {transfer::ftp_options(), remote_file_options(), transfer::connection_options()}));
  return options;
}

}  // namespace

const PublisherKind kFtpPublisher{
    .kind = "ftp",
    .help = "Writes events or records as files or z/OS data sets by FTP, FTPS or SFTP.",
    .options = ftp_options(),
    .make = make};

}  // namespace copybridge::publishers
