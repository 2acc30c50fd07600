namespace Holdfast.Tests.Support;

/// <summary>A file that is gone with the test.</summary>
public sealed class TemporaryFile : IDisposable
{
    public TemporaryFile(byte[] content) => File.WriteAllBytes(Path, content);

    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"holdfast-{Holdfast.Storage.Ids.New(TimeProvider.System.GetUtcNow())}");

    public void Dispose() => File.Delete(Path);
}
