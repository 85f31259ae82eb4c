// queue_manager.yaml, key by key.
#include "tests/support/mq_double/definitions.h"

#include <yaml-cpp/yaml.h>

#include <functional>
#include <stdexcept>

#include "adapters/ibm_mq/mqi_constants.h"

namespace copybridge::mq_double {
namespace {

using mqi::Long;
using Setters = std::map<std::string, std::function<void(const YAML::Node&)>>;

void read_keys(const YAML::Node& node, const Setters& setters) {
  for (const auto& pair : node) {
    const auto setter = setters.find(pair.first.as<std::string>());
    if (setter == setters.end())
      throw std::runtime_error("unknown key " + pair.first.as<std::string>());
    setter->second(pair.second);
  }
}

template <class Value>
std::function<void(const YAML::Node&)> into(Value& value) {
  return [&value](const YAML::Node& node) { value = node.as<Value>(); };
}

Long platform_of(const std::string& name) {
  static const std::map<std::string, Long> kPlatforms{{"unix", mqi::platform::kUnix},
                                                      {"zos", mqi::platform::kZos},
                                                      {"os400", mqi::platform::kOs400},
                                                      {"windows", mqi::platform::kWindows}};
  return kPlatforms.at(name);
}

QueueDefinition read_queue(const YAML::Node& node) {
  QueueDefinition queue;
  read_keys(node, {{"name", into(queue.name)},
                   {"description", into(queue.description)},
                   {"backout_queue", into(queue.backout_queue)},
                   {"backout_threshold", into(queue.backout_threshold)},
                   {"max_depth", into(queue.max_depth)},
                   {"max_message_length", into(queue.max_message_length)},
                   {"persistent", into(queue.is_persistent)},
                   {"get_inhibited", into(queue.is_get_inhibited)},
                   {"put_inhibited", into(queue.is_put_inhibited)},
                   {"shareable", into(queue.is_shareable)},
                   {"model", into(queue.is_model)}});
  return queue;
}

}  // namespace

QueueManagerDefinition load_definition(const std::filesystem::path& folder) {
  QueueManagerDefinition definition;
  std::string platform = "unix";
  read_keys(YAML::LoadFile((folder / "queue_manager.yaml").string()),
            {{"name", into(definition.name)},
             {"platform", into(platform)},
             {"ccsid", into(definition.ccsid)},
             {"max_uncommitted", into(definition.max_uncommitted)},
             {"max_message_length", into(definition.max_message_length)},
             {"dead_letter_queue", into(definition.dead_letter_queue)},
             {"listener", into(definition.listener)},
             {"channel", into(definition.channel)},
             {"users", into(definition.users)},
             {"requires", into(definition.requirements)},
             {"queues", [&](const YAML::Node& queues) {
                for (const YAML::Node& queue : queues)
                  definition.queues.push_back(read_queue(queue));
              }}});
  definition.platform = platform_of(platform);
  return definition;
}

}  // namespace copybridge::mq_double
