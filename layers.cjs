// The whole dependency direction: each row may import itself and what it lists.
module.exports = {
  proto: [],
  core: ["proto"],
  payload: ["core", "proto"],
  rpc: ["core", "proto"],
  nexus: ["core", "payload", "proto"],
  workflow: ["core", "payload", "nexus", "proto"],
  activity: ["core", "payload", "proto"],
  client: ["core", "payload", "rpc", "workflow", "proto"],
  worker: ["core", "payload", "rpc", "client", "activity", "nexus", "workflow", "proto"],
  server: ["core", "rpc", "proto"],
  plugin: ["client", "worker"],
  envconfig: ["client", "core", "rpc"],
  storage: ["core", "payload", "proto"],
  "codec-server": ["core", "payload", "proto"],
  testing: ["client", "worker", "server", "activity", "rpc", "payload", "core", "proto"],
  cli: ["client", "worker", "server", "core", "payload", "proto"],
};
