// Options of the adapters posix-mq and sysv.
#include "adapters/kernel_queue/kernel_queue_adapters.h"

#include <limits>

#include "adapters/kernel_queue/kernel_queue_source.h"

namespace copybridge::adapters {
namespace {

using kernel_queue::KernelQueueSource;

constexpr std::size_t kPosixNameMax = 255;

constexpr OptionSpec kBatchOption{.name = "batch_records_max",
                                  .type = OptionType::integer,
                                  .default_value = "1000",
                                  .help = "Messages of one batch at most.",
                                  .min = 1,
                                  .max = 100'000};

constexpr OptionSpec kPosixOptions[] = {
    {.name = "queue",
     .required = true,
     .help = "Name of the queue, /name, as mq_open(3) takes it; it must be there."},
    kBatchOption};

constexpr OptionSpec kSysvOptions[] = {
    {.name = "key",
     .type = OptionType::integer,
     .help = "Key of the queue, as msgget(2) takes it; it must be there.",
     .min = std::numeric_limits<std::int32_t>::min(),
     .max = std::numeric_limits<std::int32_t>::max()},
    {.name = "key_path", .help = "Or the file that ftok(3) makes the key of, an absolute path."},
    {.name = "key_project",
     .type = OptionType::integer,
     .default_value = "1",
     .help = "With key_path, ftok's project.",
     .min = 1,
     .max = 255},
    {.name = "type",
     .type = OptionType::integer,
     .default_value = "0",
     .help = "Messages of which type: 0 all; below 0 those of the lowest types up to its size "
             "first (msgrcv).",
     .min = std::numeric_limits<std::int32_t>::min(),
     .max = std::numeric_limits<std::int32_t>::max()},
    kBatchOption};

std::size_t batch_of(const Options& options) {
  return static_cast<std::size_t>(options.integer(kBatchOption.name));
}

std::unique_ptr<Adapter> make_posix(const AdapterContext& context, const Options& options,
                                    Diagnostics& diagnostics) {
  const std::string& name = options.text("queue");
  const bool is_name = name.size() > 1 && name.size() <= kPosixNameMax && name[0] == '/' &&
                       name.find('/', 1) == std::string::npos;
  if (!is_name) {
    diagnostics.error(options.where("queue"),
                      "'queue' must be a slash and up to 254 characters without one");
    return nullptr;
  }
  return std::make_unique<KernelQueueSource>(context, kernel_queue::make_posix_queue(name),
                                             "posix-mq-priority", batch_of(options));
}

std::unique_ptr<Adapter> make_sysv(const AdapterContext& context, const Options& options,
                                   Diagnostics& diagnostics) {
  if (options.is_given("key") == options.is_given("key_path")) {
    diagnostics.error(options.where("key"), "either 'key' or 'key_path' tells the queue");
    return nullptr;
  }
  return std::make_unique<KernelQueueSource>(
      context,
      kernel_queue::make_sysv_queue({.path = options.text("key_path"),
                                     .project = static_cast<int>(options.integer("key_project")),
                                     .key = options.is_given("key") ? options.integer("key") : 0,
                                     .type = options.integer("type")}),
      "sysv-type", batch_of(options));
}

}  // namespace

const AdapterKind kPosixMqAdapter = {
    "posix-mq", "Reads a POSIX message queue of this machine, by way of a spool.", kPosixOptions,
    make_posix, false};
const AdapterKind kSysvAdapter = {
    "sysv", "Reads a System V message queue of this machine, by way of a spool.", kSysvOptions,
    make_sysv, false};

}  // namespace copybridge::adapters
