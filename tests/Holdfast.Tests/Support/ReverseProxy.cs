using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Xunit;

namespace Holdfast.Tests.Support;

/// <summary>A real nginx or Caddy as a child process, with the configuration that a guide shows: names, ports and paths are all that is changed. It speaks TLS on a free port of this machine.</summary>
public sealed class ReverseProxy : IAsyncDisposable
{
    public const string Nginx = "nginx";
    public const string Caddy = "Caddy";

    private const string NginxProgram = "/usr/sbin/nginx";
    private const string CaddyProgram = "/usr/bin/caddy";

    private readonly string _folder;
    private readonly Process _process;
    private readonly X509Certificate2 _authority;
    private readonly List<string> _said = [];

    private ReverseProxy(string folder, Process process, int port, TestCertificates certificates)
    {
        (_folder, _process, Address) = (folder, process, new Uri($"https://localhost:{port}"));
        _authority = X509CertificateLoader.LoadCertificateFromFile(certificates.AuthorityFile);
        process.ErrorDataReceived += (_, e) => { lock (_said) _said.Add(e.Data ?? ""); };
        process.BeginErrorReadLine();
    }

    public Uri Address { get; }

    /// <summary>What nginx or Caddy complained about.</summary>
    public string Log { get { lock (_said) return string.Join('\n', _said) + (File.Exists(Path.Combine(_folder, "error.log")) ? File.ReadAllText(Path.Combine(_folder, "error.log")) : ""); } }

    /// <summary>A port of this machine that nobody else is given while this is held, and on which a server may listen all the same: bound, but not listening.</summary>
    public static Socket ReservePort()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    /// <summary>Shows the test as skipped where the program is not installed.</summary>
    public static void SkipWithout(string program) =>
        Assert.SkipUnless(File.Exists(program == Nginx ? NginxProgram : CaddyProgram), $"No {program} here: ./test installs it where the system has it");

    /// <param name="program"><see cref="Nginx"/> or <see cref="Caddy"/>.</param>
    /// <param name="port">Where it listens.</param>
    public static async Task<ReverseProxy> Start(string program, int port, Uri holdfast, Uri product, TestCertificates certificates)
    {
        var folder = Directory.CreateTempSubdirectory("holdfast-proxy-").FullName;
        var site = FromGuide(program.ToLowerInvariant()).Replace("127.0.0.1:8080", holdfast.Authority, StringComparison.Ordinal).Replace("127.0.0.1:3000", product.Authority, StringComparison.Ordinal);
        var start = program == Nginx ? PrepareNginx(folder, site, port, certificates) : PrepareCaddy(folder, site, port, certificates);
        (start.RedirectStandardError, start.UseShellExecute, start.WorkingDirectory) = (true, false, folder);
        var proxy = new ReverseProxy(folder, Process.Start(start)!, port, certificates);
        for (var i = 0; ; i++)
        {
            if (i > 400 || proxy._process.HasExited)
            {
                await proxy.DisposeAsync();
                Assert.Fail($"{program} does not start:\n{proxy.Log}");
            }
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, port);
                return proxy;
            }
            catch (SocketException)
            {
                await Task.Delay(50);
            }
        }
    }

    /// <summary>Somebody whose browser comes from <paramref name="from"/>, another address of this machine than the proxy's own.</summary>
    public HttpClient Client(string from = "127.0.0.2")
    {
        var handler = new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false, UseProxy = false };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is X509Certificate2 shown && IsOurs(shown);
        handler.ConnectCallback = async (context, stop) =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
            await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, stop);
            return new NetworkStream(socket, ownsSocket: true);
        };
        return new HttpClient(handler) { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(60) };
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private bool IsOurs(X509Certificate2 shown)
    {
        using var chain = new X509Chain { ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck } };
        chain.ChainPolicy.CustomTrustStore.Add(_authority);
        return chain.Build(shown);
    }

    private static ProcessStartInfo PrepareNginx(string folder, string site, int port, TestCertificates certificates)
    {
        site = Replace(site, "listen 443 ssl http2;", $"listen 127.0.0.1:{port} ssl http2;");
        site = Replace(site, "server_name app.example.com;", "server_name localhost;");
        site = Replace(site, "/etc/ssl/app.example.com/fullchain.pem", certificates.ServerFile);
        site = Replace(site, "/etc/ssl/app.example.com/key.pem", certificates.KeyFile);
        site = Replace(site, "/var/log/nginx/app.log", Path.Combine(folder, "access.log"));
        File.WriteAllText(Path.Combine(folder, "nginx.conf"), $$"""
            daemon off;
            master_process off;
            pid {{folder}}/nginx.pid;
            error_log {{folder}}/error.log info;
            events { worker_connections 256; }
            http {
                client_body_temp_path {{folder}}/body;
                proxy_temp_path {{folder}}/proxy;
                fastcgi_temp_path {{folder}}/fastcgi;
                uwsgi_temp_path {{folder}}/uwsgi;
                scgi_temp_path {{folder}}/scgi;
            {{site}}
            }
            """);
        return new ProcessStartInfo(NginxProgram, ["-p", folder, "-e", $"{folder}/error.log", "-c", $"{folder}/nginx.conf"]);
    }

    private static ProcessStartInfo PrepareCaddy(string folder, string site, int port, TestCertificates certificates)
    {
        // People have a name and Caddy gets itself a certificate for it; here it is given one.
        site = Replace(site, "app.example.com {\n", $"https://localhost:{port} {{\n\ttls {certificates.ServerFile} {certificates.KeyFile}\n");
        File.WriteAllText(Path.Combine(folder, "Caddyfile"), $"{{\n\tadmin off\n\tauto_https disable_redirects\n\tskip_install_trust\n}}\n{site}");
        var start = new ProcessStartInfo(CaddyProgram, ["run", "--adapter", "caddyfile", "--config", Path.Combine(folder, "Caddyfile")]);
        foreach (var name in new[] { "HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME" }) start.Environment[name] = folder;
        return start;
    }

    private static string Replace(string text, string what, string with) => text.Contains(what, StringComparison.Ordinal) ? text.Replace(what, with, StringComparison.Ordinal) : throw new InvalidOperationException($"The guide no longer says: {what}");

    /// <summary>The block of code after its mark.</summary>
    public static string FromGuide(string name)
    {
        var guide = File.ReadAllText(Path.Combine(Repository.Root, "docs/guides/product-on-the-same-host.md"));
        var match = Regex.Match(guide, $@"<!-- tried: {name} -->\n```\w*\n(?<code>.*?\n)```\n", RegexOptions.Singleline | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5));
        return match.Success ? match.Groups["code"].Value : throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"The guide shows no configuration for {name}"));
    }
}
