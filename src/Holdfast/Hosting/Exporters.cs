using Holdfast.Configuration;
using Holdfast.Web;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Holdfast.Hosting;

/// <summary>Sends traces and metrics to an OpenTelemetry collector when one is set; otherwise nothing is gathered. What they carry are routes, counts and times: no names, no addresses.</summary>
public sealed class Exporters(HoldfastSettings settings, Metrics metrics) : IHostedService
{
    private TracerProvider? _traces;
    private MeterProvider? _metrics;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _ = metrics;
        if (settings.Telemetry.OtlpEndpoint is not { } endpoint) return Task.CompletedTask;
        var resource = ResourceBuilder.CreateDefault().AddService("holdfast", serviceVersion: typeof(Exporters).Assembly.GetName().Version?.ToString(3));
        void To(OtlpExporterOptions options) => options.Endpoint = endpoint;
        _traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(Telemetry.Name).AddSource("Microsoft.AspNetCore").AddProcessor(new WithoutPersonalTags()).AddOtlpExporter(To).Build();
        _metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource).AddMeter(Telemetry.Name).AddMeter("Microsoft.AspNetCore.Hosting").AddMeter("Npgsql").AddOtlpExporter(To).Build();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _traces?.Dispose();
        _metrics?.Dispose();
        return Task.CompletedTask;
    }

    /// <summary>Queries may hold a link's secret, addresses are personal: neither leaves the server.</summary>
    private sealed class WithoutPersonalTags : BaseProcessor<System.Diagnostics.Activity>
    {
        private static readonly string[] Personal = ["url.query", "url.full", "client.address", "network.peer.address", "user_agent.original", "http.url", "http.target", "http.user_agent", "net.sock.peer.addr"];

        public override void OnEnd(System.Diagnostics.Activity data)
        {
            foreach (var tag in Personal) data.SetTag(tag, null);
        }
    }
}
