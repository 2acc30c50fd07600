using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Holdfast.Tests.Support;

/// <summary>A certificate authority of our own and a server certificate for a name, as files and as objects, for the length of one test.</summary>
public sealed class TestCertificates : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("holdfast-certificates-").FullName;

    private TestCertificates(Func<TestCertificates, X509Certificate2> make) => Server = make(this);

    /// <summary>The authority, or the server's own certificate where that is self-signed.</summary>
    public string AuthorityFile => Path.Combine(_folder, "authority.pem");

    public string ServerFile => Path.Combine(_folder, "server.pem");

    public string KeyFile => Path.Combine(_folder, "server.key");

    /// <summary>With its private key.</summary>
    public X509Certificate2 Server { get; }

    /// <param name="name">The name in the certificate; localhost gets the loopback addresses too.</param>
    /// <param name="validFor">From a day ago on; negative: expired.</param>
    /// <param name="usage">Extended key usage: server sign-in unless said otherwise.</param>
    public static TestCertificates For(string name = "localhost", TimeSpan? validFor = null, string usage = "1.3.6.1.5.5.7.3.1") => new(it => it.Issued(name, validFor ?? TimeSpan.FromDays(2), usage));

    public static TestCertificates SelfSigned(string name = "localhost") => new(it => it.SignedByItself(name));

    public void Dispose()
    {
        Server.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private X509Certificate2 Issued(string name, TimeSpan validFor, string usage)
    {
        var from = TimeProvider.System.GetUtcNow().AddDays(-30);
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authorityRequest = new CertificateRequest("CN=Test authority", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        authorityRequest.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        using var authority = authorityRequest.CreateSelfSigned(from, from.AddDays(365));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var bare = Request(name, key, usage).Create(authority, from, from.AddDays(29) + validFor, RandomNumberGenerator.GetBytes(12));
        using var server = bare.CopyWithPrivateKey(key);
        return Write(server, authority, key);
    }

    private X509Certificate2 SignedByItself(string name)
    {
        var from = TimeProvider.System.GetUtcNow().AddDays(-1);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var server = Request(name, key, "1.3.6.1.5.5.7.3.1").CreateSelfSigned(from, from.AddDays(3));
        return Write(server, server, key);
    }

    private static CertificateRequest Request(string name, ECDsa key, string usage)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        if (name == "localhost") names.AddIpAddress(System.Net.IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        return request;
    }

    private X509Certificate2 Write(X509Certificate2 server, X509Certificate2 authority, ECDsa key)
    {
        File.WriteAllText(AuthorityFile, authority.ExportCertificatePem());
        File.WriteAllText(ServerFile, server.ExportCertificatePem());
        File.WriteAllText(KeyFile, key.ExportPkcs8PrivateKeyPem());
        return X509CertificateLoader.LoadPkcs12(server.Export(X509ContentType.Pkcs12), null);
    }
}
