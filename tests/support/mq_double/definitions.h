// What a queue manager of the double is told about itself: queue_manager.yaml in its folder.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "adapters/ibm_mq/mqi_types.h"

namespace copybridge::mq_double {

struct QueueDefinition {
  std::string name;
  std::string description;
  std::string backout_queue;
  mqi::Long backout_threshold = 0;
  mqi::Long max_depth = 1'000'000;
  mqi::Long max_message_length = 4'194'304;
  bool is_persistent = true;  ///< messages put with the persistence of the queue
  bool is_get_inhibited = false;
  bool is_put_inhibited = false;
  bool is_shareable = true;
  bool is_model = false;
};

struct QueueManagerDefinition {
  std::string name;
  mqi::Long platform = 0;
  mqi::Long ccsid = 1208;
  mqi::Long max_uncommitted = 10'000;
  mqi::Long max_message_length = 104'857'600;
  std::string dead_letter_queue;
  std::string listener;  ///< a client's connection name must name it; empty: any does
  std::string channel;   ///< as above
  std::map<std::string, std::string> users;  ///< passwords by user; empty: nobody is asked
  /// What a connection must come with: token, cipher, peer_name, key_repository,
  /// key_repository_password, certificate_label, ccdt.
  std::map<std::string, std::string> requirements;
  std::vector<QueueDefinition> queues;
};

/// Reads `queue_manager.yaml` of the folder. A key that is not known is an error.
QueueManagerDefinition load_definition(const std::filesystem::path& folder);

}  // namespace copybridge::mq_double
