using Holdfast.Features.Places;
using Holdfast.Storage;

namespace Holdfast.Features.Demo;

/// <summary>
/// Where the example's people are. Their network addresses belong to nobody (RFC 5737, RFC 3849), so no real file knows them: a small one of our own does. It is shown for a database that was filled
/// with the example, at every start, and never where <c>GeoIp:DatabasePath</c> is set.
/// </summary>
public static class DemoPlaces
{
    private const string Fact = "example_places";

    public static Task Remember(WriteTx tx) => tx.Execute("INSERT INTO server_facts (name, value) VALUES (@Fact, 'shown') ON CONFLICT (name) DO NOTHING", new { Fact });

    public static async Task<bool> AreShown(ReadTx tx) => await tx.One<string>("SELECT value FROM server_facts WHERE name = @Fact", new { Fact }) is not null;

    /// <summary>The file was made by the tests' own writer, from a list there; a test makes it again and compares.</summary>
    public static MmdbFile Load()
    {
        using var stream = typeof(DemoPlaces).Assembly.GetManifestResourceStream("demo/places.mmdb")!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return MmdbFile.Of(bytes);
    }
}
