// Switchable norm; formulas in ops/switchable_norm.hpp.
#pragma once

#include <ugatit/nn/batch_norm.hpp>
#include <ugatit/ops/switchable_norm.hpp>

namespace ugatit {

/// Instance, layer and batch norm mixed by learned weights (Luo et al. 2019): Map<C> → Map<C>. Biased variances, eps
/// 1e-5. While `dev.mode.training`, batch statistics are the batch's, which advance the running ones (momentum 0.1);
/// else they are the running ones. Throws `Error` for a training pass with one number of each channel.
/// Parameters, under the names of the authors' code: weight [C] (1), bias [C] (0), mean_weight [3] (1) and var_weight
/// [3] (1), logits for instance, layer, batch; state: running_mean [C] (0), running_var [C] (1).
struct SwitchableNorm {
  template <class In, class D>
  struct On {
    static_assert(require_map<SwitchableNorm, In>());
    using Out = In;

    struct Params {
      Field<D> weight;
      Field<D> bias;
      Field<D> mean_weight;
      Field<D> var_weight;
      Field<D> running_mean;
      Field<D> running_var;

      template <class F, class... Ps>
      static void each(const F& f, Ps&... params) {
        f("weight", params.weight...);
        f("bias", params.bias...);
        f("mean_weight", params.mean_weight...);
        f("var_weight", params.var_weight...);
        f("running_mean", params.running_mean...);
        f("running_var", params.running_var...);
      }
    };

    /// The statistics of one pass, with their memory.
    struct Statistics {
      Buffer<D> memory;
      Index batch = 0;

      Statistics() = default;
      Statistics(D& dev, Index n) : memory(dev.arena(), 2 * (n * In::channels + n + In::channels)), batch(n) {}

      SwitchableStatistics<typename D::Scalar> view() const {
        const Index planes = batch * In::channels;
        SwitchableStatistics<typename D::Scalar> s;
        s.mean = memory.data();
        s.variance = s.mean + planes;
        s.layer_mean = s.variance + planes;
        s.layer_variance = s.layer_mean + batch;
        s.batch_mean = s.layer_variance + batch;
        s.batch_variance = s.batch_mean + In::channels;
        return s;
      }
    };

    struct Tape {
      Kept<Value<In, D>> x;
      Kept<Statistics> statistics;
      Kept<norms::Statistics> batch;
    };

    static Extent out(const Extent& extent) { return extent; }
    static Params parameters(const Extent&) {
      const auto field = [](Index size, double start, Role role = Role::learned) {
        return Field<D>::of({size}, Start::constant(start), role);
      };
      return {field(In::channels, 1),
              field(In::channels, 0),
              field(3, 1),
              field(3, 1),
              field(In::channels, 0, Role::state),
              field(In::channels, 1, Role::state)};
    }

    static Value<Out, D> forward(D& dev, const Params& w, Value<In, D> x, Tape& tape) {
      require_values(dev, "a norm");
      const auto batch = dev.mode.training ? norms::Statistics::of_batch : norms::Statistics::running;
      const SwitchableGeometry g = geometry(batch);
      const Statistics statistics(dev, x.extent().batch);
      const auto s = statistics.view();
      if (batch == norms::Statistics::of_batch) {
        norms::require_numbers(x.extent());
      } else {
        copy(dev, In::channels, as_input(w.running_mean), s.batch_mean);
        copy(dev, In::channels, as_input(w.running_var), s.batch_variance);
      }
      switchable_statistics(dev, g, as_input(x), s);
      if (batch == norms::Statistics::of_batch) {
        using Scalar = typename D::Scalar;
        const RunningGeometry running{In::channels, norms::momentum};
        advance_running(dev, running, static_cast<const Scalar*>(s.batch_mean), w.running_mean.data());
        advance_running(dev, running, static_cast<const Scalar*>(s.batch_variance), w.running_var.data());
      }
      Value<Out, D> y(dev, x.extent());
      switchable_norm_forward(dev, g, as_input(x), s, as_input(w.mean_weight), as_input(w.var_weight),
                              as_input(w.weight), as_input(w.bias), y.view());
      tape.x.keep(dev, x);
      tape.statistics.keep(dev, statistics);
      tape.batch.keep(dev, batch);
      return y;
    }

    static Value<In, D> backward(D& dev, const Params& w, Tape& tape, Value<Out, D> dy, Params& dw) {
      const Value<In, D> x = tape.x.take();
      const Statistics statistics = tape.statistics.take();
      const norms::Statistics batch = tape.batch.take();
      if (!dy) return {};
      Value<In, D> dx(dev, x.extent());
      switchable_norm_backward(dev, geometry(batch), as_input(dy), as_input(x), statistics.view(),
                               as_input(w.mean_weight), as_input(w.var_weight), as_input(w.weight), dx.view(),
                               dw.mean_weight.data(), dw.var_weight.data(), dw.weight.data(), dw.bias.data());
      return dx;
    }

   private:
    static SwitchableGeometry geometry(norms::Statistics batch) { return {1e-5, batch == norms::Statistics::running}; }
  };
};

}  // namespace ugatit
