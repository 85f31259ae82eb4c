// The structures of MQCONNX: options, credentials, TLS and the client channel.
#pragma once

#include <array>
#include <cstdint>

#include "adapters/ibm_mq/mqi_constants.h"
#include "adapters/ibm_mq/mqi_types.h"

namespace copybridge::mqi {

struct MQCNO {
  static constexpr Long kLengthV1 = 12;
  static constexpr Long kLengthV2 = 24;
  static constexpr Long kLengthV3 = 152;
  static constexpr Long kLengthV4 = 168;
  static constexpr Long kLengthV5 = 200;
  static constexpr Long kLengthV6 = 224;
  static constexpr Long kLengthV7 = 256;
  static constexpr Long kLengthV8 = 272;

  Chars<4> struc_id{'C', 'N', 'O', ' '};
  Long version = 1;
  Long options = 0;
  // end of version 1
  Long client_conn_offset = 0;
  void* client_conn_ptr = nullptr;
  // end of version 2
  Bytes<128> conn_tag{};
  // end of version 3
  void* ssl_config_ptr = nullptr;
  Long ssl_config_offset = 0;
  // end of version 4
  Bytes<24> connection_id{};
  Long security_parms_offset = 0;
  void* security_parms_ptr = nullptr;
  // end of version 5
  void* ccdt_url_ptr = nullptr;
  Long ccdt_url_offset = 0;
  Long ccdt_url_length = 0;
  Bytes<8> reserved{};
  // end of version 6
  Chars<28> appl_name{};
  Bytes<4> reserved2{};
  // end of version 7
  void* balance_parms_ptr = nullptr;
  Long balance_parms_offset = 0;
  Bytes<4> reserved3{};
};

struct MQCSP {
  static constexpr Long kLengthV1 = 56;
  static constexpr Long kLengthV2 = 80;
  static constexpr Long kLengthV3 = 104;

  Chars<4> struc_id{'C', 'S', 'P', ' '};
  Long version = 1;
  Long authentication_type = 0;
  Bytes<4> reserved1{};
  void* csp_user_id_ptr = nullptr;
  Long csp_user_id_offset = 0;
  Long csp_user_id_length = 0;
  Bytes<8> reserved2{};
  void* csp_password_ptr = nullptr;
  Long csp_password_offset = 0;
  Long csp_password_length = 0;
  // end of version 1
  Bytes<8> reserved3{};
  void* initial_key_ptr = nullptr;
  Long initial_key_offset = 0;
  Long initial_key_length = 0;
  // end of version 2
  Bytes<8> reserved4{};
  void* token_ptr = nullptr;
  Long token_offset = 0;
  Long token_length = 0;
};

struct MQSCO {
  static constexpr Long kLengthV1 = 536;
  static constexpr Long kLengthV2 = 544;
  static constexpr Long kLengthV3 = 560;
  static constexpr Long kLengthV4 = 568;
  static constexpr Long kLengthV5 = 632;
  static constexpr Long kLengthV6 = 648;
  static constexpr Long kLengthV7 = 672;

  Chars<4> struc_id{'S', 'C', 'O', ' '};
  Long version = 1;
  Chars<256> key_repository{};
  Chars<256> crypto_hardware{};
  Long auth_info_rec_count = 0;
  Long auth_info_rec_offset = 0;
  void* auth_info_rec_ptr = nullptr;
  // end of version 1
  Long key_reset_count = 0;
  Long fips_required = 0;
  // end of version 2
  std::array<Long, 4> encryption_policy_suite_b{suite_b::kNone};
  // end of version 3
  Long certificate_val_policy = 0;
  // end of version 4
  Chars<64> certificate_label{};
  // end of version 5
  void* key_repo_password_ptr = nullptr;
  Long key_repo_password_offset = 0;
  Long key_repo_password_length = 0;
  // end of version 6
  Long https_cert_validation = 0;
  Long https_cert_revocation = 0;
  void* https_key_store_ptr = nullptr;
  Long https_key_store_offset = 0;
  Long https_key_store_length = 0;
};

struct MQCD {
  static constexpr Long kLengthV4 = 1568;
  static constexpr Long kLengthV6 = 1688;
  static constexpr Long kLengthV7 = 1792;
  static constexpr Long kLengthV9 = 1912;
  static constexpr Long kLengthV10 = 1920;
  static constexpr Long kLengthV11 = 1984;
  static constexpr Long kLengthV12 = 1992;
  static constexpr Long kLengthV13 = 2000;

  Chars<20> channel_name{};
  Long version = 6;
  Long channel_type = channel_type::kClntconn;
  Long transport_type = transport::kTcp;
  Chars<64> desc{};
  Chars<48> q_mgr_name{};
  Chars<48> xmit_q_name{};
  Chars<20> short_connection_name{};
  Chars<20> mca_name{};
  Chars<8> mode_name{};
  Chars<64> tp_name{};
  Long batch_size = 50;
  Long disc_interval = 6000;
  Long short_retry_count = 10;
  Long short_retry_interval = 60;
  Long long_retry_count = 999999999;
  Long long_retry_interval = 1200;
  Chars<128> security_exit{};
  Chars<128> msg_exit{};
  Chars<128> send_exit{};
  Chars<128> receive_exit{};
  Long seq_number_wrap = 999999999;
  Long max_msg_length = 4194304;
  Long put_authority = 1;
  Long data_conversion = 0;
  Chars<32> security_user_data{};
  Chars<32> msg_user_data{};
  Chars<32> send_user_data{};
  Chars<32> receive_user_data{};
  // end of version 1
  Chars<12> user_identifier{};
  Chars<12> password{};
  Chars<12> mca_user_identifier{};
  Long mca_type = 0;
  Chars<264> connection_name{};
  Chars<12> remote_user_identifier{};
  Chars<12> remote_password{};
  // end of version 2
  Chars<128> msg_retry_exit{};
  Chars<32> msg_retry_user_data{};
  Long msg_retry_count = 10;
  Long msg_retry_interval = 1000;
  // end of version 3
  Long heartbeat_interval = 1;
  Long batch_interval = 0;
  Long non_persistent_msg_speed = 2;
  Long struc_length = kLengthV13;
  Long exit_name_length = 128;
  Long exit_data_length = 32;
  Long msg_exits_defined = 0;
  Long send_exits_defined = 0;
  Long receive_exits_defined = 0;
  void* msg_exit_ptr = nullptr;
  void* msg_user_data_ptr = nullptr;
  void* send_exit_ptr = nullptr;
  void* send_user_data_ptr = nullptr;
  void* receive_exit_ptr = nullptr;
  void* receive_user_data_ptr = nullptr;
  // end of version 4
  void* cluster_ptr = nullptr;
  Long clusters_defined = 0;
  Long network_priority = 0;
  // end of version 5
  Long long_mca_user_id_length = 0;
  Long long_remote_user_id_length = 0;
  void* long_mca_user_id_ptr = nullptr;
  void* long_remote_user_id_ptr = nullptr;
  Bytes<40> mca_security_id{};
  Bytes<40> remote_security_id{};
  // end of version 6
  Chars<32> ssl_cipher_spec{};
  void* ssl_peer_name_ptr = nullptr;
  Long ssl_peer_name_length = 0;
  Long ssl_client_auth = 0;
  Long keep_alive_interval = -1;
  Chars<48> local_address{};
  Long batch_heartbeat = 0;
  // end of version 7
  std::array<Long, 2> hdr_comp_list{-1, -1};
  std::array<Long, 16> msg_comp_list{-1, -1, -1, -1, -1, -1, -1, -1,
                                     -1, -1, -1, -1, -1, -1, -1, -1};
  Long clwl_channel_rank = 0;
  Long clwl_channel_priority = 0;
  Long clwl_channel_weight = 0;
  Long channel_monitoring = 0;
  Long channel_statistics = 0;
  // end of version 8
  Long sharing_conversations = 10;
  Long property_control = 0;
  Long max_instances = 999999999;
  Long max_instances_per_client = 999999999;
  Long client_channel_weight = 0;
  Long connection_affinity = 0;
  // end of version 9
  Long batch_data_limit = 5000;
  Long use_dlq = 2;
  Long def_reconnect = 0;
  // end of version 10
  Chars<64> certificate_label{};
  // end of version 11
  Long spl_protection = 0;
  // end of version 12
  Long quantum_safe_algorithm = 0;
  Long quantum_safe_required = 0;
};

struct MQBNO {
  Chars<4> struc_id{'B', 'N', 'O', ' '};
  Long version = 1;
  Long appl_type = 0;
  Long timeout = 0;
  Long options = 0;
};

}  // namespace copybridge::mqi
