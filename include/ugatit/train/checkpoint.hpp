// Checkpoints of a training: one safetensors file that describes itself and holds everything a resume needs.
//
//   NETWORK.PARAMETER            weights, and u, v of spectral normalisation, under their published names
//   adam.m/NETWORK.PARAMETER     Adam's moments
//   adam.v/NETWORK.PARAMETER
//   ema/NETWORK.PARAMETER        averages of the generators' weights, where they are kept
//   metadata                     preset, ch, n_res, n_dis, img_size, light; kind, iteration, learning_rate, seed,
//                                batch_size, position_a, position_b, precision; ema, the averages' decay
//
// Random numbers of the loaders are functions of the seed and the position (io/samples.hpp), so those two are their
// state.
#pragma once

#include <ugatit/train/trainer.hpp>
#include <ugatit/train/weights.hpp>

namespace ugatit {

/// What a training is besides its networks.
struct TrainingState {
  std::uint64_t seed = 0;        ///< of starting values, order and augmentation
  std::uint64_t position_a = 0;  ///< number of the next sample of each domain
  std::uint64_t position_b = 0;  ///< of domain B
  Index batch_size = 1;          ///< images of each domain in an iteration
};

/// Writes everything, completely or not at all.
template <class D>
void write_checkpoint(const std::filesystem::path& path, Trainer<D>& trainer, const ModelDescription& model,
                      const TrainingState& state) {
  D& dev = trainer.device();
  std::vector<TensorSource> tensors;
  trainer.each_network([&](const std::string& name, auto& network) {
    for (const Parameter<D>& p : network.parameters()) {
      const std::string full = name + "." + p.name;
      tensors.push_back(tensor_source(dev, full, p.w));
      if (p.w.role == Role::state) continue;
      tensors.push_back(tensor_source(dev, "adam.m/" + full, p.m));
      tensors.push_back(tensor_source(dev, "adam.v/" + full, p.v));
    }
  });
  trainer.each_average([&](const std::string& name, auto& network) {
    for (const Parameter<D>& p : network.parameters()) tensors.push_back(tensor_source(dev, name + "." + p.name, p.w));
  });
  auto metadata = metadata_of(model);
  metadata["kind"] = "training";
  if (trainer.average_decay() > 0) metadata["ema"] = weights::exact(trainer.average_decay());
  metadata["iteration"] = std::to_string(trainer.iteration());
  metadata["learning_rate"] = weights::exact(trainer.learning_rate());
  metadata["seed"] = std::to_string(state.seed);
  metadata["position_a"] = std::to_string(state.position_a);
  metadata["position_b"] = std::to_string(state.position_b);
  metadata["batch_size"] = std::to_string(state.batch_size);
  metadata["precision"] = std::string(name_of(dtype_of<typename D::Scalar>()));
  write_safetensors(path, metadata, tensors);
}

/// Reads the weights of all six networks from any file that holds them, to start a training from.
template <class D>
void read_weights(const WeightsFile& file, Trainer<D>& trainer, const ModelDescription& model) {
  require_model(file, model, false);
  trainer.each_network([&](const std::string& name, auto& network) { read_network(file, name, network); });
  trainer.start_averages();
}

/// Goes on where a checkpoint was written; averages that it lacks start from its weights. Throws `Error` for another
/// model, another precision, averages that the trainer does not keep, and files that are no checkpoint, are truncated
/// or altered.
template <class D>
TrainingState read_checkpoint(const WeightsFile& file, Trainer<D>& trainer, const ModelDescription& model) {
  require_model(file, model, true);
  if (weights::text(file, "kind") != "training") {
    throw Error(one_line(file.path()) + " holds weights alone, no training to resume; give it to --init_weights");
  }
  const std::string_view precision = name_of(dtype_of<typename D::Scalar>());
  if (weights::text(file, "precision") != precision) {
    throw Error(one_line(file.path()) + " is of a training in " + one_line(weights::text(file, "precision")) +
                ", this one is in " + std::string(precision) + "; resume with the --precision it was started with");
  }
  const bool has_averages = file.metadata().contains("ema");
  if (has_averages && trainer.average_decay() == 0) {
    throw Error(one_line(file.path()) + " holds averages of the weights; resume with --ema " +
                one_line(weights::text(file, "ema")));
  }
  trainer.each_network([&](const std::string& name, auto& network) {
    read_network(file, name, network);
    for (const Parameter<D>& p : network.parameters()) {
      if (p.w.role == Role::state) continue;
      read_field(trainer.device(), file, "adam.m/" + name + "." + p.name, p.m);
      read_field(trainer.device(), file, "adam.v/" + name + "." + p.name, p.v);
    }
  });
  if (has_averages) {
    trainer.each_average([&](const std::string& name, auto& network) { read_network(file, name, network); });
  } else {
    trainer.start_averages();
  }
  trainer.resume(weights::whole_number(file, "iteration"), weights::number(file, "learning_rate"));
  const auto position = [&](const char* key) { return weights::whole_number<std::uint64_t>(file, key); };
  return {position("seed"), position("position_a"), position("position_b"), weights::whole_number(file, "batch_size")};
}

}  // namespace ugatit
