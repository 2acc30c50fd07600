namespace Holdfast.Features.Places;

/// <summary>A file is not what the MaxMind DB format says. The message is the end of a sentence that begins with the file: "has no metadata", without a full stop.</summary>
public sealed class MmdbException(string problem) : Exception(problem);
