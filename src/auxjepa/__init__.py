"""AuxJEPA: Video-JEPA encoders with auxiliary objectives, probed frozen and compared with statistics that hold up."""

__version__ = "0.1.0"
